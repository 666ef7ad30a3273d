// Stand-in for Apple's header, implemented by tests/fake_metal.
#pragma once

#include <mach/mach.h>
#include <stdint.h>

typedef struct mach_timebase_info {
  uint32_t numer, denom;
} mach_timebase_info_data_t;

#ifdef __cplusplus
extern "C" {
#endif
uint64_t mach_absolute_time(void);
kern_return_t mach_timebase_info(mach_timebase_info_data_t* info);
#ifdef __cplusplus
}
#endif
