// Sixteen Montgomery words in an AVX-512 register. See field/scalar/vector.h for what each name means.
#pragma once

#include <immintrin.h>

#include "field/fp.h"

namespace openswirl::avx512 {

struct Wide;
using Lazy = void;

struct Signed;

struct Vec {
  using Accumulator = Wide;
  using SignedWords = Signed;
  static constexpr size_t kLanes = 16;
  __m512i v;

  static OPENSWIRL_INLINE Vec load(const uint32_t* words) { return {_mm512_loadu_si512(words)}; }
  OPENSWIRL_INLINE void store(uint32_t* words) const { _mm512_storeu_si512(words, v); }
  // Past the caches, to 64-byte aligned words; finish_streams() must follow before another thread reads them.
  OPENSWIRL_INLINE void stream(uint32_t* words) const {
    _mm512_stream_si512(reinterpret_cast<__m512i*>(words), v);
  }
  static OPENSWIRL_INLINE void finish_streams() { _mm_sfence(); }
  static OPENSWIRL_INLINE Vec broadcast(uint32_t word) { return {_mm512_set1_epi32(static_cast<int>(word))}; }
  static OPENSWIRL_INLINE Vec zero() { return {_mm512_setzero_si512()}; }
  static OPENSWIRL_INLINE Vec counting(uint32_t start) {
    return {_mm512_add_epi32(_mm512_set1_epi32(static_cast<int>(start)),
                             _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15))};
  }

  // The right one of x and x -+ p is the smaller one as unsigned words.
  friend OPENSWIRL_INLINE Vec operator+(Vec a, Vec b) {
    const __m512i sum = _mm512_add_epi32(a.v, b.v);
    return {_mm512_min_epu32(sum, _mm512_sub_epi32(sum, modulus()))};
  }
  friend OPENSWIRL_INLINE Vec operator-(Vec a, Vec b) {
    const __m512i difference = _mm512_sub_epi32(a.v, b.v);
    return {_mm512_min_epu32(difference, _mm512_add_epi32(difference, modulus()))};
  }
  friend OPENSWIRL_INLINE Vec operator*(Vec a, Vec b) {
    const __m512i even = _mm512_mul_epu32(a.v, b.v);
    const __m512i odd = _mm512_mul_epu32(odd_words(a.v), odd_words(b.v));
    return from_products(even, odd);
  }
  OPENSWIRL_INLINE Vec operator-() const { return zero() - *this; }
  OPENSWIRL_INLINE Vec halve() const {
    const __m512i odd = _mm512_sub_epi32(_mm512_setzero_si512(), _mm512_and_si512(v, _mm512_set1_epi32(1)));
    return {_mm512_add_epi32(_mm512_srli_epi32(v, 1),
                             _mm512_and_si512(odd, _mm512_set1_epi32((Fp::kModulus + 1) / 2)))};
  }
  template <unsigned n>
  OPENSWIRL_INLINE Vec div_2exp() const {
    const __m512i low = _mm512_and_si512(v, _mm512_set1_epi32((1 << n) - 1));
    const Vec times15 = {_mm512_sub_epi32(_mm512_slli_epi32(low, 31 - n), _mm512_slli_epi32(low, 27 - n))};
    return Vec{_mm512_srli_epi32(v, n)} - times15;
  }

  template <int k>
  OPENSWIRL_INLINE Vec rotate_quads() const {
    constexpr int kOrder = k == 1 ? _MM_PERM_ADCB : k == 2 ? _MM_PERM_BADC : _MM_PERM_CBAD;
    return {_mm512_shuffle_epi32(v, static_cast<_MM_PERM_ENUM>(kOrder))};
  }
  OPENSWIRL_INLINE Vec sum_quads() const {
    const Vec half = *this + Vec{_mm512_shuffle_i64x2(v, v, 0x4e)};
    return half + Vec{_mm512_shuffle_i64x2(half.v, half.v, 0xb1)};
  }
  OPENSWIRL_INLINE uint32_t first() const {
    return static_cast<uint32_t>(_mm_cvtsi128_si32(_mm512_castsi512_si128(v)));
  }
  OPENSWIRL_INLINE Vec with_first(uint32_t word) const {
    return {_mm512_mask_set1_epi32(v, 1, static_cast<int>(word))};
  }

  static OPENSWIRL_INLINE __m512i modulus() { return _mm512_set1_epi32(Fp::kModulus); }
  static OPENSWIRL_INLINE __m512i odd_words(__m512i x) { return _mm512_srli_epi64(x, 32); }
  // The word below p of one between -p and 2 p, as a signed word.
  static OPENSWIRL_INLINE Vec from_signed(Vec word) {
    const __m512i positive = _mm512_min_epu32(word.v, _mm512_add_epi32(word.v, modulus()));
    return {_mm512_min_epu32(positive, _mm512_sub_epi32(positive, modulus()))};
  }
  // Montgomery reduction of 64-bit lanes below 2^32 p: the words of even and odd lanes.
  static OPENSWIRL_INLINE Vec from_products(__m512i even, __m512i odd) {
    const __m512i inverse = _mm512_set1_epi32(static_cast<int>(Fp::kInverseModR));
    const __m512i m_even = _mm512_mul_epu32(even, inverse), m_odd = _mm512_mul_epu32(odd, inverse);
    const __m512i d_even = _mm512_sub_epi64(even, _mm512_mul_epu32(m_even, modulus()));
    const __m512i d_odd = _mm512_sub_epi64(odd, _mm512_mul_epu32(m_odd, modulus()));
    const __m512i difference = _mm512_mask_shuffle_epi32(d_odd, 0x5555, d_even, _MM_PERM_DDBB);
    return {_mm512_min_epu32(difference, _mm512_add_epi32(difference, modulus()))};
  }
};

// In the low words of 64-bit lanes, of which the high words are ignored. A factor may be any signed word;
// products are between -p and p if one of theirs is.
struct Signed {
  __m512i even, odd;

  static OPENSWIRL_INLINE Signed sum(Vec x, Vec less_p) {
    const __m512i words = _mm512_add_epi32(x.v, less_p.v);
    return {words, Vec::odd_words(words)};
  }
  friend OPENSWIRL_INLINE Signed operator*(Signed a, Signed b) {
    return {_mm512_srli_epi64(high(a.even, b.even), 32), _mm512_srli_epi64(high(a.odd, b.odd), 32)};
  }
  static OPENSWIRL_INLINE Vec product(Signed a, Signed b) {
    const __m512i words =
        _mm512_mask_shuffle_epi32(high(a.odd, b.odd), 0x5555, high(a.even, b.even), _MM_PERM_DDBB);
    return {_mm512_min_epu32(words, _mm512_add_epi32(words, Vec::modulus()))};
  }

 private:
  // The reduced product in the high word.
  static OPENSWIRL_INLINE __m512i high(__m512i a, __m512i b) {
    const __m512i product = _mm512_mul_epi32(a, b);
    const __m512i m = _mm512_mul_epu32(product, _mm512_set1_epi32(static_cast<int>(Fp::kInverseModR)));
    return _mm512_sub_epi64(product, _mm512_mul_epi32(m, Vec::modulus()));
  }
};

struct Wide {
  __m512i even, odd;

  static OPENSWIRL_INLINE Wide zero() { return {_mm512_setzero_si512(), _mm512_setzero_si512()}; }
  OPENSWIRL_INLINE void add_product(Vec a, Vec b) {
    even = _mm512_add_epi64(even, _mm512_mul_epu32(a.v, b.v));
    odd = _mm512_add_epi64(odd, _mm512_mul_epu32(Vec::odd_words(a.v), Vec::odd_words(b.v)));
  }
  OPENSWIRL_INLINE void correct() {
    const __m512i rp = _mm512_set1_epi64(static_cast<long long>(uint64_t{Fp::kModulus} << 32));
    even = _mm512_min_epu64(even, _mm512_sub_epi64(even, rp));
    odd = _mm512_min_epu64(odd, _mm512_sub_epi64(odd, rp));
  }
  OPENSWIRL_INLINE Vec reduce() const { return Vec::from_products(even, odd); }
};

namespace detail {
OPENSWIRL_INLINE void transpose_in_lanes(const __m512i r[4], __m512i out[4]) {
  const __m512i a = _mm512_unpacklo_epi32(r[0], r[1]), b = _mm512_unpackhi_epi32(r[0], r[1]);
  const __m512i c = _mm512_unpacklo_epi32(r[2], r[3]), d = _mm512_unpackhi_epi32(r[2], r[3]);
  out[0] = _mm512_unpacklo_epi64(a, c), out[1] = _mm512_unpackhi_epi64(a, c);
  out[2] = _mm512_unpacklo_epi64(b, d), out[3] = _mm512_unpackhi_epi64(b, d);
}
OPENSWIRL_INLINE __m128i load_quad(const uint32_t* words) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(words));
}
OPENSWIRL_INLINE void store_quad(uint32_t* words, __m128i quad) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(words), quad);
}
}  // namespace detail

OPENSWIRL_INLINE void load_quads(const uint32_t* base, size_t stride, Vec out[4]) {
  __m512i rows[4], columns[4];
  for (size_t i = 0; i < 4; ++i) {
    __m512i row = _mm512_castsi128_si512(detail::load_quad(base + i * stride));
    row = _mm512_inserti32x4(row, detail::load_quad(base + (i + 4) * stride), 1);
    row = _mm512_inserti32x4(row, detail::load_quad(base + (i + 8) * stride), 2);
    rows[i] = _mm512_inserti32x4(row, detail::load_quad(base + (i + 12) * stride), 3);
  }
  detail::transpose_in_lanes(rows, columns);
  for (size_t i = 0; i < 4; ++i) out[i].v = columns[i];
}
OPENSWIRL_INLINE void store_quads(uint32_t* base, size_t stride, const Vec in[4]) {
  const __m512i columns[4] = {in[0].v, in[1].v, in[2].v, in[3].v};
  __m512i rows[4];
  detail::transpose_in_lanes(columns, rows);
  for (size_t i = 0; i < 4; ++i) {
    detail::store_quad(base + i * stride, _mm512_castsi512_si128(rows[i]));
    detail::store_quad(base + (i + 4) * stride, _mm512_extracti32x4_epi32(rows[i], 1));
    detail::store_quad(base + (i + 8) * stride, _mm512_extracti32x4_epi32(rows[i], 2));
    detail::store_quad(base + (i + 12) * stride, _mm512_extracti32x4_epi32(rows[i], 3));
  }
}

OPENSWIRL_INLINE void deinterleave(Vec first, Vec second, Vec& even, Vec& odd) {
  const __m512i index = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  const __m512i next = _mm512_add_epi32(index, _mm512_set1_epi32(1));
  even.v = _mm512_permutex2var_epi32(first.v, index, second.v);
  odd.v = _mm512_permutex2var_epi32(first.v, next, second.v);
}
OPENSWIRL_INLINE void interleave(Vec even, Vec odd, Vec& first, Vec& second) {
  const __m512i low = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  const __m512i high = _mm512_add_epi32(low, _mm512_set1_epi32(8));
  first.v = _mm512_permutex2var_epi32(even.v, low, odd.v);
  second.v = _mm512_permutex2var_epi32(even.v, high, odd.v);
}

}  // namespace openswirl::avx512
