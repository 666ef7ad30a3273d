// Stand-in for Apple's header: what metal-cpp names of it, nothing more.
#pragma once

#include <Availability.h>
#include <TargetConditionals.h>
#include <math.h>  // metal-cpp takes INFINITY from here
#include <stddef.h>
#include <stdint.h>

typedef double CFTimeInterval;
typedef const struct __CFString* CFStringRef;

#ifdef __cplusplus
extern "C" {
#endif
CFStringRef __CFStringMakeConstantString(const char* text);
#ifdef __cplusplus
}
#endif
