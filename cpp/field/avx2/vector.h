// Eight Montgomery words in an AVX2 register. See field/scalar/vector.h for what each name means.
#pragma once

#include <immintrin.h>

#include "field/fp.h"

namespace openswirl::avx2 {

struct Wide;
using Lazy = void;

struct Signed;

struct Vec {
  using Accumulator = Wide;
  using SignedWords = Signed;
  static constexpr size_t kLanes = 8;
  __m256i v;

  static OPENSWIRL_INLINE Vec load(const uint32_t* words) {
    return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(words))};
  }
  OPENSWIRL_INLINE void store(uint32_t* words) const {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(words), v);
  }
  static OPENSWIRL_INLINE Vec broadcast(uint32_t word) { return {_mm256_set1_epi32(static_cast<int>(word))}; }
  static OPENSWIRL_INLINE Vec zero() { return {_mm256_setzero_si256()}; }
  static OPENSWIRL_INLINE Vec counting(uint32_t start) {
    return {_mm256_add_epi32(_mm256_set1_epi32(static_cast<int>(start)),
                             _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7))};
  }

  // The right one of x and x -+ p is the smaller one as unsigned words.
  friend OPENSWIRL_INLINE Vec operator+(Vec a, Vec b) {
    const __m256i sum = _mm256_add_epi32(a.v, b.v);
    return {_mm256_min_epu32(sum, _mm256_sub_epi32(sum, modulus()))};
  }
  friend OPENSWIRL_INLINE Vec operator-(Vec a, Vec b) {
    const __m256i difference = _mm256_sub_epi32(a.v, b.v);
    return {_mm256_min_epu32(difference, _mm256_add_epi32(difference, modulus()))};
  }
  friend OPENSWIRL_INLINE Vec operator*(Vec a, Vec b) {
    const __m256i even = _mm256_mul_epu32(a.v, b.v);
    const __m256i odd = _mm256_mul_epu32(odd_words(a.v), odd_words(b.v));
    return from_products(even, odd);
  }
  OPENSWIRL_INLINE Vec operator-() const { return zero() - *this; }
  OPENSWIRL_INLINE Vec halve() const {
    const __m256i odd = _mm256_sub_epi32(_mm256_setzero_si256(), _mm256_and_si256(v, _mm256_set1_epi32(1)));
    return {_mm256_add_epi32(_mm256_srli_epi32(v, 1),
                             _mm256_and_si256(odd, _mm256_set1_epi32((Fp::kModulus + 1) / 2)))};
  }
  template <unsigned n>
  OPENSWIRL_INLINE Vec div_2exp() const {
    const __m256i low = _mm256_and_si256(v, _mm256_set1_epi32((1 << n) - 1));
    const Vec times15 = {_mm256_sub_epi32(_mm256_slli_epi32(low, 31 - n), _mm256_slli_epi32(low, 27 - n))};
    return Vec{_mm256_srli_epi32(v, n)} - times15;
  }

  template <int k>
  OPENSWIRL_INLINE Vec rotate_quads() const {
    return {_mm256_shuffle_epi32(v, k == 1 ? 0x39 : k == 2 ? 0x4e : 0x93)};
  }
  OPENSWIRL_INLINE Vec sum_quads() const { return *this + Vec{_mm256_permute2x128_si256(v, v, 0x01)}; }
  OPENSWIRL_INLINE uint32_t first() const {
    return static_cast<uint32_t>(_mm_cvtsi128_si32(_mm256_castsi256_si128(v)));
  }
  OPENSWIRL_INLINE Vec with_first(uint32_t word) const {
    return {_mm256_blend_epi32(v, broadcast(word).v, 1)};
  }

  static OPENSWIRL_INLINE __m256i modulus() { return _mm256_set1_epi32(Fp::kModulus); }
  static OPENSWIRL_INLINE __m256i odd_words(__m256i x) {
    return _mm256_castps_si256(_mm256_movehdup_ps(_mm256_castsi256_ps(x)));
  }
  // Montgomery reduction of 64-bit lanes below 2^32 p: the words of even and odd lanes.
  static OPENSWIRL_INLINE Vec from_products(__m256i even, __m256i odd) {
    const __m256i inverse = _mm256_set1_epi32(static_cast<int>(Fp::kInverseModR));
    const __m256i m_even = _mm256_mul_epu32(even, inverse), m_odd = _mm256_mul_epu32(odd, inverse);
    const __m256i d_even = _mm256_sub_epi64(even, _mm256_mul_epu32(m_even, modulus()));
    const __m256i d_odd = _mm256_sub_epi64(odd, _mm256_mul_epu32(m_odd, modulus()));
    const __m256i difference = _mm256_blend_epi32(odd_words(d_even), d_odd, 0xaa);
    return {_mm256_min_epu32(difference, _mm256_add_epi32(difference, modulus()))};
  }
};

// In the low words of 64-bit lanes, of which the high words are ignored. A factor may be any signed word;
// products are between -p and p if one of theirs is.
struct Signed {
  __m256i even, odd;

  static OPENSWIRL_INLINE Signed sum(Vec x, Vec less_p) {
    const __m256i words = _mm256_add_epi32(x.v, less_p.v);
    return {words, Vec::odd_words(words)};
  }
  friend OPENSWIRL_INLINE Signed operator*(Signed a, Signed b) {
    return {_mm256_srli_epi64(high(a.even, b.even), 32), _mm256_srli_epi64(high(a.odd, b.odd), 32)};
  }
  static OPENSWIRL_INLINE Vec product(Signed a, Signed b) {
    const __m256i words = _mm256_blend_epi32(Vec::odd_words(high(a.even, b.even)), high(a.odd, b.odd), 0xaa);
    return {_mm256_min_epu32(words, _mm256_add_epi32(words, Vec::modulus()))};
  }

 private:
  // The reduced product in the high word.
  static OPENSWIRL_INLINE __m256i high(__m256i a, __m256i b) {
    const __m256i product = _mm256_mul_epi32(a, b);
    const __m256i m = _mm256_mul_epu32(product, _mm256_set1_epi32(static_cast<int>(Fp::kInverseModR)));
    return _mm256_sub_epi64(product, _mm256_mul_epi32(m, Vec::modulus()));
  }
};

struct Wide {
  __m256i even, odd;

  static OPENSWIRL_INLINE Wide zero() { return {_mm256_setzero_si256(), _mm256_setzero_si256()}; }
  OPENSWIRL_INLINE void add_product(Vec a, Vec b) {
    even = _mm256_add_epi64(even, _mm256_mul_epu32(a.v, b.v));
    odd = _mm256_add_epi64(odd, _mm256_mul_epu32(Vec::odd_words(a.v), Vec::odd_words(b.v)));
  }
  // Subtracting 2^32 p changes the high word only, so a minimum of words selects per lane.
  OPENSWIRL_INLINE void correct() {
    const __m256i rp = _mm256_slli_epi64(_mm256_set1_epi64x(Fp::kModulus), 32);
    even = _mm256_min_epu32(even, _mm256_sub_epi64(even, rp));
    odd = _mm256_min_epu32(odd, _mm256_sub_epi64(odd, rp));
  }
  OPENSWIRL_INLINE Vec reduce() const { return Vec::from_products(even, odd); }
};

namespace detail {
OPENSWIRL_INLINE void transpose_in_lanes(const __m256i r[4], __m256i out[4]) {
  const __m256i a = _mm256_unpacklo_epi32(r[0], r[1]), b = _mm256_unpackhi_epi32(r[0], r[1]);
  const __m256i c = _mm256_unpacklo_epi32(r[2], r[3]), d = _mm256_unpackhi_epi32(r[2], r[3]);
  out[0] = _mm256_unpacklo_epi64(a, c), out[1] = _mm256_unpackhi_epi64(a, c);
  out[2] = _mm256_unpacklo_epi64(b, d), out[3] = _mm256_unpackhi_epi64(b, d);
}
}  // namespace detail

OPENSWIRL_INLINE void load_quads(const uint32_t* base, size_t stride, Vec out[4]) {
  __m256i rows[4], columns[4];
  for (size_t i = 0; i < 4; ++i) {
    const auto* low = reinterpret_cast<const __m128i*>(base + i * stride);
    const auto* high = reinterpret_cast<const __m128i*>(base + (i + 4) * stride);
    rows[i] = _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128(low)), _mm_loadu_si128(high), 1);
  }
  detail::transpose_in_lanes(rows, columns);
  for (size_t i = 0; i < 4; ++i) out[i].v = columns[i];
}
OPENSWIRL_INLINE void store_quads(uint32_t* base, size_t stride, const Vec in[4]) {
  const __m256i columns[4] = {in[0].v, in[1].v, in[2].v, in[3].v};
  __m256i rows[4];
  detail::transpose_in_lanes(columns, rows);
  for (size_t i = 0; i < 4; ++i) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(base + i * stride), _mm256_castsi256_si128(rows[i]));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(base + (i + 4) * stride),
                     _mm256_extracti128_si256(rows[i], 1));
  }
}

OPENSWIRL_INLINE void deinterleave(Vec first, Vec second, Vec& even, Vec& odd) {
  const __m256 a = _mm256_castsi256_ps(first.v), b = _mm256_castsi256_ps(second.v);
  even.v = _mm256_permute4x64_epi64(_mm256_castps_si256(_mm256_shuffle_ps(a, b, 0x88)), 0xd8);
  odd.v = _mm256_permute4x64_epi64(_mm256_castps_si256(_mm256_shuffle_ps(a, b, 0xdd)), 0xd8);
}
OPENSWIRL_INLINE void interleave(Vec even, Vec odd, Vec& first, Vec& second) {
  const __m256i low = _mm256_unpacklo_epi32(even.v, odd.v), high = _mm256_unpackhi_epi32(even.v, odd.v);
  first.v = _mm256_permute2x128_si256(low, high, 0x20);
  second.v = _mm256_permute2x128_si256(low, high, 0x31);
}

}  // namespace openswirl::avx2
