// As many whole states as a vector has lanes, from and to memory.
#pragma once

#include "field/scalar/vector.h"
#include "hash/kernels/poseidon2_lazy.h"

namespace openswirl::OPENSWIRL_ISA {
namespace {

template <class V>
struct LazyOf {
  using Type = void;
};
template <>
struct LazyOf<Vec> {
  using Type = Lazy;
};
template <class V>
using StatesOf = States<V, typename LazyOf<V>::Type>;

// Whole states from and to 16 consecutive words each.
template <class V>
OPENSWIRL_INLINE void load_states(const uint32_t* words, StatesOf<V>& states) {
  for (size_t g = 0; g < 16; g += 4) {
    V quad[4];
    load_quads(words + g, 16, quad);
    for (size_t i = 0; i < 4; ++i) states.set(g + i, states.from_words(quad[i]));
  }
}
// The first `count` elements of every state, a multiple of four, at distance `stride`.
template <class V>
OPENSWIRL_INLINE void store_states(const StatesOf<V>& states, size_t count, uint32_t* words, size_t stride) {
  for (size_t g = 0; g < count; g += 4) {
    V quad[4];
    for (size_t i = 0; i < 4; ++i) quad[i] = states.to_words(states.get(g + i));
    store_quads(words + g, stride, quad);
  }
}

}  // namespace
}  // namespace openswirl::OPENSWIRL_ISA
