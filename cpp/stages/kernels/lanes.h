// Included first by every kernel family: the vector type of this translation unit and extension vectors over
// it.
#pragma once

#ifndef OPENSWIRL_ISA
#error "kernel texts are compiled by stages/isa/<isa>.cpp only; include <family>_table.h instead"
#endif

#include "field/scalar/vector.h"

namespace openswirl::OPENSWIRL_ISA {
namespace {

// Calls body(tag of Vec, i) for whole vectors of [begin, end), then body(tag of scalar::Vec, i) for the rest.
template <class V>
struct Lanes {
  using Type = V;
};
template <class Body>
OPENSWIRL_INLINE void for_lanes(size_t begin, size_t end, Body&& body) {
  size_t i = begin;
  if constexpr (Vec::kLanes > 1) {
    for (; i + Vec::kLanes <= end; i += Vec::kLanes) body(Lanes<Vec>{}, i);
  }
  for (; i < end; ++i) body(Lanes<scalar::Vec>{}, i);
}

// kLanes extension elements, coefficient k in c[k].
template <class V>
struct ExtVec {
  V c[4];

  static OPENSWIRL_INLINE ExtVec zero() { return {{V::zero(), V::zero(), V::zero(), V::zero()}}; }
  static OPENSWIRL_INLINE ExtVec broadcast(const uint32_t* words) {
    return {{V::broadcast(words[0]), V::broadcast(words[1]), V::broadcast(words[2]), V::broadcast(words[3])}};
  }
  // Consecutive elements as they lie in an array of Ext.
  static OPENSWIRL_INLINE ExtVec load(const uint32_t* words) {
    ExtVec result;
    load_quads(words, 4, result.c);
    return result;
  }
  OPENSWIRL_INLINE void store(uint32_t* words) const { store_quads(words, 4, c); }
  // Consecutive elements of four planes: coefficient k at words + k * stride.
  static OPENSWIRL_INLINE ExtVec load_planes(const uint32_t* words, size_t stride) {
    return {
        {V::load(words), V::load(words + stride), V::load(words + 2 * stride), V::load(words + 3 * stride)}};
  }
  OPENSWIRL_INLINE void store_planes(uint32_t* words, size_t stride) const {
    for (size_t k = 0; k < 4; ++k) c[k].store(words + k * stride);
  }

  friend OPENSWIRL_INLINE ExtVec operator+(const ExtVec& a, const ExtVec& b) {
    return {{a.c[0] + b.c[0], a.c[1] + b.c[1], a.c[2] + b.c[2], a.c[3] + b.c[3]}};
  }
  friend OPENSWIRL_INLINE ExtVec operator-(const ExtVec& a, const ExtVec& b) {
    return {{a.c[0] - b.c[0], a.c[1] - b.c[1], a.c[2] - b.c[2], a.c[3] - b.c[3]}};
  }
  friend OPENSWIRL_INLINE ExtVec operator*(const ExtVec& a, V b) {
    return {{a.c[0] * b, a.c[1] * b, a.c[2] * b, a.c[3] * b}};
  }
  // Four products of words fit in 64 bits, so each coefficient is reduced once.
  friend OPENSWIRL_INLINE ExtVec operator*(const ExtVec& a, const ExtVec& b) {
    const V w = V::broadcast(kWWord);
    const V b1 = b.c[1] * w, b2 = b.c[2] * w, b3 = b.c[3] * w;
    return {{dot(a, b.c[0], b3, b2, b1), dot(a, b.c[1], b.c[0], b3, b2), dot(a, b.c[2], b.c[1], b.c[0], b3),
             dot(a, b.c[3], b.c[2], b.c[1], b.c[0])}};
  }

 private:
  static constexpr uint32_t kWWord = Fp::from_u32(11).word();
  static OPENSWIRL_INLINE V dot(const ExtVec& a, V b0, V b1, V b2, V b3) {
    auto sum = V::Accumulator::zero();
    sum.add_product(a.c[0], b0);
    sum.add_product(a.c[1], b1);
    sum.add_product(a.c[2], b2);
    sum.add_product(a.c[3], b3);
    sum.correct();
    return sum.reduce();
  }
};

// Even and odd elements of first || second.
template <class V>
OPENSWIRL_INLINE void deinterleave_ext(const ExtVec<V>& first, const ExtVec<V>& second, ExtVec<V>& even,
                                       ExtVec<V>& odd) {
  for (size_t k = 0; k < 4; ++k) deinterleave(first.c[k], second.c[k], even.c[k], odd.c[k]);
}

// Adds the sum over the lanes of each coefficient to four scalar words.
template <class V>
OPENSWIRL_INLINE void add_lanes(const ExtVec<V>& a, uint32_t sum[4]) {
  for (size_t k = 0; k < 4; ++k) {
    uint32_t words[V::kLanes];
    a.c[k].store(words);
    Fp total = Fp::from_word(sum[k]);
    for (size_t l = 0; l < V::kLanes; ++l) total += Fp::from_word(words[l]);
    sum[k] = total.word();
  }
}

}  // namespace
}  // namespace openswirl::OPENSWIRL_ISA
