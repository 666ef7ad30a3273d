// Tables of descriptors: one dispatch does many pieces of work of different sizes, each piece a range of
// consecutive items. The first word of a descriptor is its first item.
#ifndef OPENSWIRL_DESCRIPTORS_H
#define OPENSWIRL_DESCRIPTORS_H

#include "dialect.h"

// The descriptor whose items contain `item`: the last that starts at or before it.
FN u32 descriptor_of(DEVICE const u32* descriptors, u32 descriptor_words, u32 count, u32 item) {
  u32 low = 0, high = count;
  while (high - low > 1u) {
    const u32 middle = (low + high) >> 1;
    if (gpu_load(descriptors + descriptor_words * middle) <= item) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return low;
}

#endif
