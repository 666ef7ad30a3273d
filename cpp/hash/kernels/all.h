// The hashing kernels, compiled once per instruction set by hash/isa/<isa>.cpp, and the table of them.
#pragma once

#include "hash/kernels.h"
#include "hash/kernels/poseidon2_one_lazy.h"
#include "hash/kernels/states.h"

namespace openswirl::OPENSWIRL_ISA {
namespace {

void permute_one(uint32_t* state) { OneState<Vec, Lazy>::permute(state); }

OPENSWIRL_INLINE void permute_lanes_of(uint32_t* states) {
  StatesOf<Vec> s;
  load_states<Vec>(states, s);
  s.permute();
  store_states<Vec>(s, 16, states, 16);
}

void permute_many(uint32_t* states, size_t count) {
  for (; count >= Vec::kLanes; count -= Vec::kLanes, states += 16 * Vec::kLanes) permute_lanes_of(states);
  if (count <= Vec::kLanes / 4) {
    for (; count > 0; --count, states += 16) permute_one(states);
    return;
  }
  // What does not fill a vector costs as much as one that it fills.
  uint32_t padded[16 * Vec::kLanes] = {};
  for (size_t i = 0; i < 16 * count; ++i) padded[i] = states[i];
  permute_lanes_of(padded);
  for (size_t i = 0; i < 16 * count; ++i) states[i] = padded[i];
}

}  // namespace

#define OPENSWIRL_QUOTE2(name) #name
#define OPENSWIRL_QUOTE(name) OPENSWIRL_QUOTE2(name)

// Constant-initialised: no instruction of the set runs before it is known to exist.
extern const HashKernels kHashKernels;
constinit const HashKernels kHashKernels = {OPENSWIRL_QUOTE(OPENSWIRL_ISA), permute_one, permute_many};

}  // namespace openswirl::OPENSWIRL_ISA
