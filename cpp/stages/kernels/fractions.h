// Fraction kernels: lanes are consecutive nodes, or consecutive pairs of them.
#pragma once

#include "stages/kernels/fractions_table.h"
#include "stages/kernels/lanes.h"

namespace openswirl::OPENSWIRL_ISA {
namespace {

// Lane l is element l * step + offset of an array.
template <class V>
OPENSWIRL_INLINE ExtVec<V> load_strided(const uint32_t* elements, size_t step, size_t offset) {
  ExtVec<V> result;
  load_quads(elements + 4 * offset, 4 * step, result.c);
  return result;
}
template <class V>
OPENSWIRL_INLINE void store_strided(const ExtVec<V>& value, uint32_t* elements, size_t step, size_t offset) {
  store_quads(elements + 4 * offset, 4 * step, value.c);
}
template <class V>
OPENSWIRL_INLINE ExtVec<V> load_numerators(const uint32_t* p, size_t p_words, size_t step, size_t offset) {
  if (p_words == 4) return load_strided<V>(p, step, offset);
  uint32_t words[V::kLanes];
  for (size_t l = 0; l < V::kLanes; ++l) words[l] = p[l * step + offset];
  return {{V::load(words), V::zero(), V::zero(), V::zero()}};
}

void add_pairs(const uint32_t* p, size_t p_words, const uint32_t* q, size_t begin, size_t end,
               uint32_t* out_p, uint32_t* out_q) {
  for_lanes(begin, end, [&](auto lanes, size_t y) {
    using V = typename decltype(lanes)::Type;
    const auto p0 = load_numerators<V>(p, p_words, 2, 2 * y),
               p1 = load_numerators<V>(p, p_words, 2, 2 * y + 1);
    const auto q0 = load_strided<V>(q, 2, 2 * y), q1 = load_strided<V>(q, 2, 2 * y + 1);
    store_strided(p0 * q1 + p1 * q0, out_p, 1, y);
    store_strided(q0 * q1, out_q, 1, y);
  });
}

void round_sums(const uint32_t* p, size_t p_words, const uint32_t* q, const uint32_t* eq,
                const uint32_t* lambda, size_t begin, size_t end, uint32_t* sums) {
  auto wide_one = ExtVec<Vec>::zero(), wide_square = wide_one, wide_eq = wide_one;
  auto tail_one = ExtVec<scalar::Vec>::zero(), tail_square = tail_one, tail_eq = tail_one;
  const auto step = [&](auto lanes, size_t y, auto& one, auto& square, auto& eq_sum) {
    using V = typename decltype(lanes)::Type;
    const auto batching = ExtVec<V>::broadcast(lambda);
    // p_0 + lambda q_0 takes the third product in.
    const auto q00 = load_strided<V>(q, 4, 4 * y), q01 = load_strided<V>(q, 4, 4 * y + 2);
    const auto q10 = load_strided<V>(q, 4, 4 * y + 1), q11 = load_strided<V>(q, 4, 4 * y + 3);
    const auto p00 = load_numerators<V>(p, p_words, 4, 4 * y),
               p01 = load_numerators<V>(p, p_words, 4, 4 * y + 2);
    const auto p10 = load_numerators<V>(p, p_words, 4, 4 * y + 1),
               p11 = load_numerators<V>(p, p_words, 4, 4 * y + 3);
    const auto dq0 = q01 - q00;
    const auto weight = ExtVec<V>::load(eq + 4 * (y - begin));
    one = one + ((p01 + batching * q01) * q11 + p11 * q01) * weight;
    square = square + ((p01 - p00 + batching * dq0) * (q11 - q10) + (p11 - p10) * dq0) * weight;
    eq_sum = eq_sum + weight;
  };
  for_lanes(begin, end, [&](auto lanes, size_t y) {
    using V = typename decltype(lanes)::Type;
    if constexpr (V::kLanes == Vec::kLanes) {
      step(Lanes<Vec>{}, y, wide_one, wide_square, wide_eq);
    } else {
      step(lanes, y, tail_one, tail_square, tail_eq);
    }
  });
  add_lanes(wide_one, sums), add_lanes(wide_square, sums + 4), add_lanes(wide_eq, sums + 8);
  add_lanes(tail_one, sums), add_lanes(tail_square, sums + 4), add_lanes(tail_eq, sums + 8);
}

void bind_fractions(const uint32_t* p, size_t p_words, const uint32_t* q, const uint32_t* challenge,
                    size_t begin, size_t end, uint32_t* out_p, uint32_t* out_q) {
  for_lanes(begin, end, [&](auto lanes, size_t y) {
    using V = typename decltype(lanes)::Type;
    const auto r = ExtVec<V>::broadcast(challenge);
    for (size_t b = 0; b < 2; ++b) {
      const auto p0 = load_numerators<V>(p, p_words, 4, 4 * y + b);
      const auto p1 = load_numerators<V>(p, p_words, 4, 4 * y + 2 + b);
      const auto q0 = load_strided<V>(q, 4, 4 * y + b), q1 = load_strided<V>(q, 4, 4 * y + 2 + b);
      store_strided(p0 + (p1 - p0) * r, out_p, 2, 2 * y + b);
      store_strided(q0 + (q1 - q0) * r, out_q, 2, 2 * y + b);
    }
  });
}

constexpr stages::FractionKernels make_fraction_kernels() { return {add_pairs, round_sums, bind_fractions}; }

}  // namespace
}  // namespace openswirl::OPENSWIRL_ISA
