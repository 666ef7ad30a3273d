// The quartic extension F[x]/(x^4 - 11), coefficients c0..c3 with c0 first everywhere (protocol part 01, 2).
#pragma once

#include "field/fp.h"

namespace openswirl {

struct Ext {
  std::array<Fp, 4> c;

  static constexpr uint32_t kW = 11;

  Ext() = default;
  OPENSWIRL_INLINE constexpr Ext(Fp c0, Fp c1, Fp c2, Fp c3) : c{c0, c1, c2, c3} {}
  // Embedding of the base field.
  OPENSWIRL_INLINE constexpr Ext(Fp a)
      : c{a, Fp::zero(), Fp::zero(), Fp::zero()} {}  // NOLINT(google-explicit-constructor)
  static OPENSWIRL_INLINE constexpr Ext zero() { return Ext(Fp::zero()); }
  static OPENSWIRL_INLINE constexpr Ext one() { return Ext(Fp::one()); }

  constexpr bool is_zero() const {
    return c[0].is_zero() && c[1].is_zero() && c[2].is_zero() && c[3].is_zero();
  }
  friend constexpr bool operator==(const Ext& a, const Ext& b) {
    return a.c[0] == b.c[0] && a.c[1] == b.c[1] && a.c[2] == b.c[2] && a.c[3] == b.c[3];
  }

  friend OPENSWIRL_INLINE constexpr Ext operator+(const Ext& a, const Ext& b) {
    return {a.c[0] + b.c[0], a.c[1] + b.c[1], a.c[2] + b.c[2], a.c[3] + b.c[3]};
  }
  friend OPENSWIRL_INLINE constexpr Ext operator-(const Ext& a, const Ext& b) {
    return {a.c[0] - b.c[0], a.c[1] - b.c[1], a.c[2] - b.c[2], a.c[3] - b.c[3]};
  }
  OPENSWIRL_INLINE constexpr Ext operator-() const { return {-c[0], -c[1], -c[2], -c[3]}; }
  friend OPENSWIRL_INLINE constexpr Ext operator*(const Ext& a, Fp b) {
    return {a.c[0] * b, a.c[1] * b, a.c[2] * b, a.c[3] * b};
  }
  friend OPENSWIRL_INLINE constexpr Ext operator*(Fp a, const Ext& b) { return b * a; }
  friend constexpr Ext operator*(const Ext& a, const Ext& b) {
    OPENSWIRL_COUNT_AS(ext_multiplications);
    // Each coefficient is a dot product of four word products: 4 p^2 < 2^64, so one reduction serves all
    // four.
    const Fp w = Fp::from_u32(kW);
    const Fp b1 = b.c[1] * w, b2 = b.c[2] * w, b3 = b.c[3] * w;
    return {dot4(a, b.c[0], b3, b2, b1), dot4(a, b.c[1], b.c[0], b3, b2), dot4(a, b.c[2], b.c[1], b.c[0], b3),
            dot4(a, b.c[3], b.c[2], b.c[1], b.c[0])};
  }
  friend OPENSWIRL_INLINE constexpr Ext operator+(const Ext& a, Fp b) {
    return {a.c[0] + b, a.c[1], a.c[2], a.c[3]};
  }
  friend OPENSWIRL_INLINE constexpr Ext operator-(const Ext& a, Fp b) {
    return {a.c[0] - b, a.c[1], a.c[2], a.c[3]};
  }
  constexpr Ext& operator+=(const Ext& b) { return *this = *this + b; }
  constexpr Ext& operator-=(const Ext& b) { return *this = *this - b; }
  constexpr Ext& operator*=(const Ext& b) { return *this = *this * b; }
  constexpr Ext& operator*=(Fp b) { return *this = *this * b; }

  constexpr Ext square() const { return *this * *this; }
  constexpr Ext halve() const { return {c[0].halve(), c[1].halve(), c[2].halve(), c[3].halve()}; }
  constexpr Ext pow(uint64_t exponent) const {
    Ext base = *this, result = one();
    for (; exponent; exponent >>= 1) {
      if (exponent & 1) result *= base;
      if (exponent > 1) base = base.square();
    }
    return result;
  }
  // x^(2^n) by n squarings.
  constexpr Ext pow_2exp(unsigned n) const {
    Ext result = *this;
    for (unsigned i = 0; i < n; ++i) result = result.square();
    return result;
  }
  // Through the tower F < F[y]/(y^2 - 11) < EF; the inverse of 0 is 0.
  constexpr Ext inverse() const {
    const Fp w = Fp::from_u32(kW);
    const Fp n0 = c[0].square() + w * c[2].square() - (w + w) * c[1] * c[3];
    const Fp n1 = (c[0] * c[2]) + (c[0] * c[2]) - c[1].square() - w * c[3].square();
    const Fp d = (n0.square() - w * n1.square()).inverse();
    const Fp i0 = n0 * d, i1 = -(n1 * d);
    return {c[0] * i0 + w * c[2] * i1, -(c[1] * i0 + w * c[3] * i1), c[0] * i1 + c[2] * i0,
            -(c[1] * i1 + c[3] * i0)};
  }
  // x^p: coefficient i times z^i with z = 11^((p-1)/4).
  constexpr Ext frobenius() const {
    const Fp z = Fp::from_u32(1728404513);
    return {c[0], c[1] * z, -c[2], -(c[3] * z)};
  }

 private:
  static OPENSWIRL_INLINE constexpr Fp dot4(const Ext& a, Fp b0, Fp b1, Fp b2, Fp b3) {
    uint64_t sum = uint64_t{a.c[0].word()} * b0.word() + uint64_t{a.c[1].word()} * b1.word() +
                   uint64_t{a.c[2].word()} * b2.word() + uint64_t{a.c[3].word()} * b3.word();
    constexpr uint64_t kRp = uint64_t{Fp::kModulus} << 32;
    if (sum >= kRp) sum -= kRp;  // sum < 4 p^2 < 2 R p
    return Fp::from_word(Fp::reduce(sum));
  }
};

static_assert(sizeof(Ext) == 16);

// sum_i a[i] b[i] over `count` elements; every coefficient is reduced once.
inline Ext dot(const Ext* a, const Fp* b, size_t count) {
  constexpr uint64_t kRp = uint64_t{Fp::kModulus} << 32;
  uint64_t sums[4] = {0, 0, 0, 0};
  const auto product = [&](size_t i, size_t k) { return uint64_t{a[i].c[k].word()} * b[i].word(); };
  size_t i = 0;
  for (; i + 2 <= count; i += 2) {
    for (size_t k = 0; k < 4; ++k) {
      const uint64_t sum = sums[k] + product(i, k) + product(i + 1, k);  // below R p + 2 p^2 < 2^64
      sums[k] = sum >= kRp ? sum - kRp : sum;                            // below R p, which is above 2 p^2
    }
  }
  Ext result;
  for (size_t k = 0; k < 4; ++k) {
    uint64_t sum = sums[k] + (i < count ? product(i, k) : 0);
    if (sum >= kRp) sum -= kRp;
    result.c[k] = Fp::from_word(Fp::reduce(sum));
  }
  return result;
}

}  // namespace openswirl
