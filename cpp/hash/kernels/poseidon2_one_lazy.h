// Poseidon2 over one state in lazy 64-bit lanes: even elements in one register, odd ones in another, so that
// neighbours need no shuffle, and two or four apart is one.
#pragma once

#include "hash/kernels/poseidon2_lazy.h"
#include "hash/kernels/poseidon2_one.h"

namespace openswirl::OPENSWIRL_ISA {
namespace {

namespace one_state {

// Even elements in lanes [0, 8), odd ones in [8, 16).
constexpr size_t element_of_lane(size_t lane) { return lane < 8 ? 2 * lane : 2 * (lane - 8) + 1; }

struct LazyConstants {
  uint64_t first[16], first_final[16];         // added before rounds 0
  uint64_t initial[4][16], final[4][16];       // addends of the S-boxes: the constants of the round after it
  uint64_t diagonal[16], scaled_diagonal[16];  // 0 in place of the first
};
constexpr LazyConstants make_lazy_constants() {
  LazyConstants result{};
  for (size_t lane = 0; lane < 16; ++lane) {
    const size_t i = element_of_lane(lane);
    result.first[lane] = lazy::kLazyPoseidon2.first[i];
    result.first_final[lane] = lazy::kLazyPoseidon2.first_final[i];
    for (size_t r = 0; r < 4; ++r) {
      result.initial[r][lane] = lazy::kLazyPoseidon2.initial[r][i];
      result.final[r][lane] = lazy::kLazyPoseidon2.final[r][i];
    }
    if (i == 0) continue;
    result.diagonal[lane] = lazy::form52(Fp::from_u32(poseidon2_constants::kInternalDiagonal[i]));
    result.scaled_diagonal[lane] = result.diagonal[lane] * lazy::kNegativeInverse & lazy::kLow52;
  }
  return result;
}
alignas(64) constexpr LazyConstants kLazyConstants = make_lazy_constants();

template <class L>
struct Halves {
  L even, odd;
};

// x^7 by the fewest multiplications after each other: x below 2^48, the result below 4 p and the addend.
template <class L>
OPENSWIRL_INLINE L power7(L value, L addend) {
  const Factor<L> x(value);
  const L x2 = multiply(value, x), x3 = multiply(x2, x), x4 = multiply(x2, Factor<L>(x2));
  return multiply(x4, Factor<L>(x3), addend);
}

template <class L>
OPENSWIRL_INLINE void external_layer(Halves<L>& s) {
  const L even = s.even + s.even.sum_pairs(), odd = s.odd + s.odd.sum_pairs(), after_odd = even.swap_pairs();
  const L pair_even = even + odd, pair_odd = odd + after_odd, all = pair_even + pair_even.swap_pairs();
  s.even = all + (pair_even + odd);
  s.odd = all + (pair_odd + after_odd);
}

template <class L>
OPENSWIRL_INLINE void add_constants(Halves<L>& s, const uint64_t constants[16]) {
  s = {s.even + L::load(constants), s.odd + L::load(constants + 8)};
}

template <class L>
OPENSWIRL_INLINE void external_rounds(Halves<L>& s, const uint64_t addends[4][16]) {
  for (size_t r = 0; r < 4; ++r) {
    s.even = power7(s.even, L::load(addends[r]));
    s.odd = power7(s.odd, L::load(addends[r] + 8));
    external_layer(s);
  }
}

// As in poseidon2_one.h, with the first element, sums and powers in all lanes of a register.
template <class L>
OPENSWIRL_INLINE void internal_rounds(Halves<L>& s) {
  const auto sum_lanes = [](const Halves<L>& x) {
    const L pairs = (x.even + x.odd).sum_pairs();
    return pairs + pairs.swap_pairs();
  };
  const Factor<L> diagonal_even(L::load(kLazyConstants.diagonal), L::load(kLazyConstants.scaled_diagonal));
  const Factor<L> diagonal_odd(L::load(kLazyConstants.diagonal + 8),
                               L::load(kLazyConstants.scaled_diagonal + 8));
  const L offset = L::broadcast(lazy::kSmallOffset);
  L first = s.even.spread_first();
  L others = reduce(sum_lanes(s) - first);
  first = first + L::broadcast_from(lazy::kLazyPoseidon2.internal);
  for (size_t r = 0; r < 13; ++r) {
    const Halves<L> products = {multiply(s.even, diagonal_even), multiply(s.odd, diagonal_odd)};
    L next = others + offset;
    if (r < 12) next = next + L::broadcast_from(lazy::kLazyPoseidon2.internal + r + 1);
    const L sum_of_products = sum_lanes(products);
    const L power = power7(first, L::broadcast(lazy::kAddend)), sum = others + power;
    first = next - power;
    others = reduce(L::add_low(sum_of_products, sum, L::broadcast(15)));
    s = {sum + products.even, sum + products.odd};
  }
  s.even = s.even.with_first(first);
}

}  // namespace one_state

// Elements are below 2^38 before and after every layer.
template <class V, class L>
struct OneState {
  static OPENSWIRL_INLINE void permute(uint32_t* state) {
    using namespace one_state;
    const Factor<L> in(lazy::two_to(72)), out(lazy::two_to(32));
    Halves<L> s;
    L::split_pairs(V::load(state), s.even, s.odd);
    s = {multiply(s.even, in), multiply(s.odd, in)};
    external_layer(s);
    add_constants(s, kLazyConstants.first);
    external_rounds(s, kLazyConstants.initial);
    internal_rounds(s);
    add_constants(s, kLazyConstants.first_final);
    external_rounds(s, kLazyConstants.final);
    const L addend = L::broadcast(lazy::kAddend - Fp::kModulus);
    V::from_signed(L::join_pairs(multiply(s.even, out, addend), multiply(s.odd, out, addend))).store(state);
  }
};

}  // namespace
}  // namespace openswirl::OPENSWIRL_ISA
