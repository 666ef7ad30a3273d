// Stand-in for Apple's header: what metal-cpp uses of the object runtime, implemented by tests/fake_metal.
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef struct objc_class* Class;
typedef struct objc_object {
  Class isa;
}* id;
typedef struct objc_object Protocol;
typedef struct objc_selector* SEL;

#ifdef __cplusplus
extern "C" {
#endif
SEL sel_registerName(const char* name);
Class objc_lookUpClass(const char* name);
Protocol* objc_getProtocol(const char* name);
#ifdef __cplusplus
}
#endif
