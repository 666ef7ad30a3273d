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

// Sums of a round over vectors of lines and over single ones.
struct RoundSums {
  template <class V>
  struct Of {
    ExtVec<V> one = ExtVec<V>::zero(), square = one, eq = one;
  };
  Of<Vec> wide;
  Of<scalar::Vec> tail;

  // Node 2 c + b of the lines: p[c][b] and q[c][b].
  template <class V>
  OPENSWIRL_INLINE void add(const ExtVec<V> (&p)[2][2], const ExtVec<V> (&q)[2][2], const uint32_t* lambda,
                            const uint32_t* eq) {
    const auto batching = ExtVec<V>::broadcast(lambda), weight = ExtVec<V>::load(eq);
    // p_0 + lambda q_0 takes the third product in.
    const auto dq0 = q[1][0] - q[0][0];
    Of<V>& sums = of(Lanes<V>{});
    sums.one = sums.one + ((p[1][0] + batching * q[1][0]) * q[1][1] + p[1][1] * q[1][0]) * weight;
    sums.square =
        sums.square +
        ((p[1][0] - p[0][0] + batching * dq0) * (q[1][1] - q[0][1]) + (p[1][1] - p[0][1]) * dq0) * weight;
    sums.eq = sums.eq + weight;
  }
  OPENSWIRL_INLINE void add_to(uint32_t* sums) const {
    add_lanes(wide.one, sums), add_lanes(wide.square, sums + 4), add_lanes(wide.eq, sums + 8);
    add_lanes(tail.one, sums), add_lanes(tail.square, sums + 4), add_lanes(tail.eq, sums + 8);
  }

 private:
  template <class V>
  OPENSWIRL_INLINE Of<V>& of(Lanes<V>) {
    if constexpr (V::kLanes == Vec::kLanes) {
      return wide;
    } else {
      return tail;
    }
  }
};

void round_sums(const uint32_t* p, size_t p_words, const uint32_t* q, const uint32_t* eq,
                const uint32_t* lambda, size_t begin, size_t end, uint32_t* sums) {
  RoundSums round;
  for_lanes(begin, end, [&]<class V>(Lanes<V>, size_t y) {
    ExtVec<V> line_p[2][2], line_q[2][2];
    for (size_t node = 0; node < 4; ++node) {
      line_p[node / 2][node % 2] = load_numerators<V>(p, p_words, 4, 4 * y + node);
      line_q[node / 2][node % 2] = load_strided<V>(q, 4, 4 * y + node);
    }
    round.add(line_p, line_q, lambda, eq + 4 * (y - begin));
  });
  round.add_to(sums);
}

template <class V>
OPENSWIRL_INLINE ExtVec<V> bound(const ExtVec<V>& low, const ExtVec<V>& high, const ExtVec<V>& r) {
  return low + (high - low) * r;
}

void bind_fractions(const uint32_t* p, size_t p_words, const uint32_t* q, const uint32_t* challenge,
                    size_t begin, size_t end, uint32_t* out_p, uint32_t* out_q) {
  for_lanes(begin, end, [&]<class V>(Lanes<V>, size_t y) {
    const auto r = ExtVec<V>::broadcast(challenge);
    for (size_t b = 0; b < 2; ++b) {
      const size_t low = 4 * y + b, high = low + 2;
      store_strided(bound(load_numerators<V>(p, p_words, 4, low), load_numerators<V>(p, p_words, 4, high), r),
                    out_p, 2, 2 * y + b);
      store_strided(bound(load_strided<V>(q, 4, low), load_strided<V>(q, 4, high), r), out_q, 2, 2 * y + b);
    }
  });
}

void bind_and_sum(const uint32_t* p, size_t p_words, const uint32_t* q, const uint32_t* challenge,
                  const uint32_t* eq, const uint32_t* lambda, size_t begin, size_t end, uint32_t* out_p,
                  uint32_t* out_q, uint32_t* sums) {
  RoundSums round;
  for_lanes(begin, end, [&]<class V>(Lanes<V>, size_t y) {
    const auto r = ExtVec<V>::broadcast(challenge);
    ExtVec<V> line_p[2][2], line_q[2][2];
    for (size_t node = 0; node < 4; ++node) {
      const size_t low = 8 * y + 4 * (node / 2) + node % 2, high = low + 2;
      auto& of_p = line_p[node / 2][node % 2];
      auto& of_q = line_q[node / 2][node % 2];
      of_p = bound(load_numerators<V>(p, p_words, 8, low), load_numerators<V>(p, p_words, 8, high), r);
      of_q = bound(load_strided<V>(q, 8, low), load_strided<V>(q, 8, high), r);
      store_strided(of_p, out_p, 4, 4 * y + node);
      store_strided(of_q, out_q, 4, 4 * y + node);
    }
    round.add(line_p, line_q, lambda, eq + 4 * (y - begin));
  });
  round.add_to(sums);
}

constexpr stages::FractionKernels make_fraction_kernels() {
  return {add_pairs, round_sums, bind_fractions, bind_and_sum};
}

}  // namespace
}  // namespace openswirl::OPENSWIRL_ISA
