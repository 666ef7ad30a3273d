// Four Montgomery words in a NEON register. See field/scalar/vector.h for what each name means.
#pragma once

#include <arm_neon.h>

#include "field/fp.h"

namespace openswirl::neon {

struct Wide;
using Lazy = void;

struct Signed;

struct Vec {
  using Accumulator = Wide;
  using SignedWords = Signed;
  static constexpr size_t kLanes = 4;
  uint32x4_t v;

  static OPENSWIRL_INLINE Vec load(const uint32_t* words) { return {vld1q_u32(words)}; }
  OPENSWIRL_INLINE void store(uint32_t* words) const { vst1q_u32(words, v); }
  static OPENSWIRL_INLINE Vec broadcast(uint32_t word) { return {vdupq_n_u32(word)}; }
  static OPENSWIRL_INLINE Vec zero() { return {vdupq_n_u32(0)}; }
  static OPENSWIRL_INLINE Vec counting(uint32_t start) {
    const uint32_t offsets[4] = {0, 1, 2, 3};
    return {vaddq_u32(vdupq_n_u32(start), vld1q_u32(offsets))};
  }

  // The right one of x and x -+ p is the smaller one as unsigned words.
  friend OPENSWIRL_INLINE Vec operator+(Vec a, Vec b) {
    const uint32x4_t sum = vaddq_u32(a.v, b.v);
    return {vminq_u32(sum, vsubq_u32(sum, modulus()))};
  }
  friend OPENSWIRL_INLINE Vec operator-(Vec a, Vec b) {
    const uint32x4_t difference = vsubq_u32(a.v, b.v);
    return {vminq_u32(difference, vaddq_u32(difference, modulus()))};
  }
  friend OPENSWIRL_INLINE Vec operator*(Vec a, Vec b) {
    return from_products(vmull_u32(vget_low_u32(a.v), vget_low_u32(b.v)), vmull_high_u32(a.v, b.v));
  }
  OPENSWIRL_INLINE Vec operator-() const { return zero() - *this; }
  OPENSWIRL_INLINE Vec halve() const {
    const uint32x4_t odd = vsubq_u32(vdupq_n_u32(0), vandq_u32(v, vdupq_n_u32(1)));
    return {vaddq_u32(vshrq_n_u32(v, 1), vandq_u32(odd, vdupq_n_u32((Fp::kModulus + 1) / 2)))};
  }
  template <unsigned n>
  OPENSWIRL_INLINE Vec div_2exp() const {
    const uint32x4_t low = vandq_u32(v, vdupq_n_u32((1u << n) - 1));
    const Vec times15 = {vsubq_u32(vshlq_n_u32(low, 31 - n), vshlq_n_u32(low, 27 - n))};
    return Vec{vshrq_n_u32(v, n)} - times15;
  }

  template <int k>
  OPENSWIRL_INLINE Vec rotate_quads() const {
    return {vextq_u32(v, v, k)};
  }
  OPENSWIRL_INLINE Vec sum_quads() const { return *this; }
  OPENSWIRL_INLINE uint32_t first() const { return vgetq_lane_u32(v, 0); }
  OPENSWIRL_INLINE Vec with_first(uint32_t word) const { return {vsetq_lane_u32(word, v, 0)}; }

  static OPENSWIRL_INLINE uint32x4_t modulus() { return vdupq_n_u32(Fp::kModulus); }
  static OPENSWIRL_INLINE uint32x4_t low_words(uint64x2_t a, uint64x2_t b) {
    return vuzp1q_u32(vreinterpretq_u32_u64(a), vreinterpretq_u32_u64(b));
  }
  static OPENSWIRL_INLINE uint32x4_t high_words(uint64x2_t a, uint64x2_t b) {
    return vuzp2q_u32(vreinterpretq_u32_u64(a), vreinterpretq_u32_u64(b));
  }
  // Montgomery reduction of four 64-bit values below 2^32 p.
  static OPENSWIRL_INLINE Vec from_products(uint64x2_t low, uint64x2_t high) {
    const uint32x4_t m = vmulq_n_u32(low_words(low, high), Fp::kInverseModR);
    const uint64x2_t mp_low = vmull_u32(vget_low_u32(m), vget_low_u32(modulus()));
    const uint64x2_t mp_high = vmull_high_u32(m, modulus());
    const uint32x4_t difference = vsubq_u32(high_words(low, high), high_words(mp_low, mp_high));
    return {vminq_u32(difference, vaddq_u32(difference, modulus()))};
  }
};

// A factor may be any signed word but -2^31; products are between -p and p if one of theirs is.
struct Signed {
  int32x4_t v;

  static OPENSWIRL_INLINE Signed sum(Vec x, Vec less_p) {
    return {vreinterpretq_s32_u32(vaddq_u32(x.v, less_p.v))};
  }
  // High halves of doubled products, whose low halves agree: half the difference is exact.
  friend OPENSWIRL_INLINE Signed operator*(Signed a, Signed b) {
    const int32x4_t m = vmulq_n_s32(vmulq_s32(a.v, b.v), static_cast<int32_t>(Fp::kInverseModR));
    const int32x4_t subtract = vqdmulhq_n_s32(m, static_cast<int32_t>(Fp::kModulus));
    return {vhsubq_s32(vqdmulhq_s32(a.v, b.v), subtract)};
  }
  static OPENSWIRL_INLINE Vec product(Signed a, Signed b) {
    const uint32x4_t words = vreinterpretq_u32_s32((a * b).v);
    return {vminq_u32(words, vaddq_u32(words, Vec::modulus()))};
  }
};

struct Wide {
  uint64x2_t low, high;

  static OPENSWIRL_INLINE Wide zero() { return {vdupq_n_u64(0), vdupq_n_u64(0)}; }
  OPENSWIRL_INLINE void add_product(Vec a, Vec b) {
    low = vmlal_u32(low, vget_low_u32(a.v), vget_low_u32(b.v));
    high = vmlal_high_u32(high, a.v, b.v);
  }
  // Subtracting 2^32 p changes the high word only, so a minimum of words selects per lane.
  OPENSWIRL_INLINE void correct() {
    const uint64x2_t rp = vdupq_n_u64(uint64_t{Fp::kModulus} << 32);
    low = word_min(low, vsubq_u64(low, rp));
    high = word_min(high, vsubq_u64(high, rp));
  }
  OPENSWIRL_INLINE Vec reduce() const { return Vec::from_products(low, high); }

 private:
  static OPENSWIRL_INLINE uint64x2_t word_min(uint64x2_t a, uint64x2_t b) {
    return vreinterpretq_u64_u32(vminq_u32(vreinterpretq_u32_u64(a), vreinterpretq_u32_u64(b)));
  }
};

namespace detail {
OPENSWIRL_INLINE void transpose(const uint32x4_t r[4], uint32x4_t out[4]) {
  const uint64x2_t a = vreinterpretq_u64_u32(vzip1q_u32(r[0], r[1])),
                   b = vreinterpretq_u64_u32(vzip2q_u32(r[0], r[1]));
  const uint64x2_t c = vreinterpretq_u64_u32(vzip1q_u32(r[2], r[3])),
                   d = vreinterpretq_u64_u32(vzip2q_u32(r[2], r[3]));
  out[0] = vreinterpretq_u32_u64(vzip1q_u64(a, c)), out[1] = vreinterpretq_u32_u64(vzip2q_u64(a, c));
  out[2] = vreinterpretq_u32_u64(vzip1q_u64(b, d)), out[3] = vreinterpretq_u32_u64(vzip2q_u64(b, d));
}
}  // namespace detail

OPENSWIRL_INLINE void load_quads(const uint32_t* base, size_t stride, Vec out[4]) {
  uint32x4_t rows[4], columns[4];
  for (size_t i = 0; i < 4; ++i) rows[i] = vld1q_u32(base + i * stride);
  detail::transpose(rows, columns);
  for (size_t i = 0; i < 4; ++i) out[i].v = columns[i];
}
OPENSWIRL_INLINE void store_quads(uint32_t* base, size_t stride, const Vec in[4]) {
  const uint32x4_t columns[4] = {in[0].v, in[1].v, in[2].v, in[3].v};
  uint32x4_t rows[4];
  detail::transpose(columns, rows);
  for (size_t i = 0; i < 4; ++i) vst1q_u32(base + i * stride, rows[i]);
}

OPENSWIRL_INLINE void deinterleave(Vec first, Vec second, Vec& even, Vec& odd) {
  even.v = vuzp1q_u32(first.v, second.v), odd.v = vuzp2q_u32(first.v, second.v);
}
OPENSWIRL_INLINE void interleave(Vec even, Vec odd, Vec& first, Vec& second) {
  first.v = vzip1q_u32(even.v, odd.v), second.v = vzip2q_u32(even.v, odd.v);
}

}  // namespace openswirl::neon
