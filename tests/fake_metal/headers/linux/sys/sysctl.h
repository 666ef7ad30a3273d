// Stand-in for Apple's header, implemented by tests/fake_metal.
#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif
int sysctlbyname(const char* name, void* old_value, size_t* old_size, void* new_value, size_t new_size);
#ifdef __cplusplus
}
#endif
