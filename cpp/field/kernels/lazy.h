// Lazy Montgomery arithmetic relative to 2^52, for instruction sets whose vector.h has `Lazy`.
//
// A reduction adds m p to the product, with m chosen so that the low 52 bits vanish. Here the product is
// first made one larger: the low halves then always carry exactly once, so that the carry is a constant, and
// so is the 2^-52 by which the result is too large. Both go into the addend of the high half, and a
// multiplication is three instructions where one factor has been prepared.
#pragma once

#ifndef OPENSWIRL_ISA
#error "kernel texts are compiled by <room>/isa/<isa>.cpp only"
#endif

#include "field/fp.h"

namespace openswirl::OPENSWIRL_ISA {
namespace {

namespace lazy {

constexpr uint64_t kLow52 = (uint64_t{1} << 52) - 1;
// -p^-1 mod 2^52 by Newton's iteration.
constexpr uint64_t negative_inverse() {
  uint64_t inverse = 1;
  for (int i = 0; i < 6; ++i) inverse *= 2 - Fp::kModulus * inverse;
  return -inverse & kLow52;
}
constexpr uint64_t kNegativeInverse = negative_inverse();
// 2^n mod p.
constexpr uint64_t two_to(unsigned n) { return Fp::two().pow(n).canonical(); }
// The element's Montgomery form relative to 2^52.
constexpr uint64_t form52(Fp value) { return (value * Fp::from_u64(two_to(52))).canonical(); }
// The constant carry, less 2^-52.
constexpr uint64_t kAddend = 1 + (-Fp::two().pow(52).inverse()).canonical();
// floor(2^52 / p): the quotient of a value below 2^52 is high52(value * kReciprocal) or one more.
constexpr uint64_t kReciprocal = (uint64_t{1} << 52) / Fp::kModulus;

}  // namespace lazy

// A factor with its product by -p^-1 mod 2^52.
template <class L>
struct Factor {
  L value, scaled;

  OPENSWIRL_INLINE Factor(L x, L x_scaled) : value(x), scaled(x_scaled) {}
  explicit OPENSWIRL_INLINE Factor(L x)
      : value(x), scaled(L::add_low(L::zero(), x, L::broadcast(lazy::kNegativeInverse))) {}
  explicit OPENSWIRL_INLINE Factor(uint64_t constant)
      : value(L::broadcast(constant)),
        scaled(L::broadcast(constant * lazy::kNegativeInverse & lazy::kLow52)) {}
};

// a * b / 2^52 + (addend - kAddend) mod p, at most a * b / 2^52 + addend + p.
template <class L>
OPENSWIRL_INLINE L multiply(L a, const Factor<L>& b, L addend = L::broadcast(lazy::kAddend)) {
  const L m = L::add_low(L::broadcast(lazy::kNegativeInverse), a, b.scaled);
  return L::add_high(L::add_high(addend, a, b.value), m, L::broadcast(Fp::kModulus));
}

// The same element below 2 p, of a value below 2^52.
template <class L>
OPENSWIRL_INLINE L reduce(L value) {
  const L quotient = L::add_high(L::zero(), value, L::broadcast(lazy::kReciprocal));
  return value - L::multiply_words(quotient, L::broadcast(Fp::kModulus));
}

}  // namespace
}  // namespace openswirl::OPENSWIRL_ISA
