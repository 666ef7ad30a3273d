// Field elements between stages on the device and their kernels.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <string>

#include "field/ext.h"
#include "openswirl/failure.h"

namespace openswirl::gpu {

inline constexpr uint64_t kReduceGroup = 256;  // threads of the kernels that leave sums
// More groups do not finish sooner, and their sums are added on the host.
inline constexpr uint64_t kMaxReduceGroups = 512;

// Groups of a kernel that sums over this many threads' worth of work.
inline uint64_t reduce_groups(uint64_t threads) {
  return std::clamp<uint64_t>(threads / kReduceGroup, 1, kMaxReduceGroups);
}

// Such kernels leave two elements a group: the sum of the first ones or of the second ones.
inline Ext sum_of(std::span<const Ext> values, size_t first) {
  Ext sum = Ext::zero();
  for (size_t i = first; i < values.size(); i += 2) sum += values[i];
  return sum;
}

inline void set_words(uint32_t (&words)[4], const Ext& value) {
  for (size_t k = 0; k < 4; ++k) words[k] = value.c[k].word();
}

inline uint32_t log2_of(uint64_t size) { return static_cast<uint32_t>(std::countr_zero(size)); }
// A number as kernels take it. Throws Error{kUnsupported} if it is too large.
inline uint32_t u32_of(uint64_t value) {
  if (value <= UINT32_MAX) return static_cast<uint32_t>(value);
  throw Error(FailureKind::kUnsupported, "[gpu] kernels take numbers of 32 bits, and a table needs " +
                                             std::to_string(value) + "; prove smaller traces, or on cpu");
}
// An address as two of its words, the lower first.
inline std::array<uint32_t, 2> words_of_address(uint64_t address) {
  return {static_cast<uint32_t>(address), static_cast<uint32_t>(address >> 32)};
}

}  // namespace openswirl::gpu
