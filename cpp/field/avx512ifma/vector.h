// AVX-512 with 52-bit multiply-add: the words of field/avx512/vector.h, and lazily reduced elements in 64-bit
// lanes.
#pragma once

#include "field/avx512/vector.h"

namespace openswirl::avx512ifma {

using avx512::deinterleave;
using avx512::interleave;
using avx512::load_quads;
using avx512::store_quads;
using avx512::Vec;
using avx512::Wide;

// Eight elements in 64-bit lanes, congruent to what they stand for and of any size that their user keeps in
// mind. Montgomery form is relative to 2^52 here. The factors of multiplications must be below 2^52.
struct Lazy {
  __m512i v;

  static OPENSWIRL_INLINE Lazy zero() { return {_mm512_setzero_si512()}; }
  static OPENSWIRL_INLINE Lazy broadcast(uint64_t value) {
    return {_mm512_set1_epi64(static_cast<long long>(value))};
  }
  // A constant that stays in memory: built from an immediate it would occupy an arithmetic port.
  static OPENSWIRL_INLINE Lazy broadcast_from(const uint64_t* value) {
    asm("" : "+r"(value));
    return broadcast(*value);
  }
  static OPENSWIRL_INLINE Lazy load(const uint64_t* lanes) { return {_mm512_loadu_si512(lanes)}; }
  OPENSWIRL_INLINE void store(uint64_t* lanes) const { _mm512_storeu_si512(lanes, v); }
  // Eight words, and the low words of the lanes.
  static OPENSWIRL_INLINE Lazy load_words(const uint32_t* words) {
    return {_mm512_cvtepu32_epi64(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(words)))};
  }
  OPENSWIRL_INLINE void store_words(uint32_t* words) const {
    const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 0, 0, 0, 0, 0, 0, 0, 0);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(words),
                        _mm512_castsi512_si256(_mm512_permutexvar_epi32(even, v)));
  }
  // Lanes [0, 8) and [8, 16) of sixteen words, and back: the low words of each lane.
  static OPENSWIRL_INLINE void split(Vec words, Lazy& low, Lazy& high) {
    low.v = _mm512_cvtepu32_epi64(_mm512_castsi512_si256(words.v));
    high.v = _mm512_cvtepu32_epi64(_mm512_extracti64x4_epi64(words.v, 1));
  }
  static OPENSWIRL_INLINE Vec join(Lazy low, Lazy high) {
    const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    return {_mm512_permutex2var_epi32(low.v, even, high.v)};
  }
  // Even and odd ones of sixteen words, and back.
  static OPENSWIRL_INLINE void split_pairs(Vec words, Lazy& even, Lazy& odd) {
    even.v = _mm512_and_si512(words.v, _mm512_set1_epi64(0xffffffff));
    odd.v = _mm512_srli_epi64(words.v, 32);
  }
  static OPENSWIRL_INLINE Vec join_pairs(Lazy even, Lazy odd) {
    return {_mm512_mask_shuffle_epi32(even.v, 0xaaaa, odd.v, _MM_PERM_CCAA)};
  }
  // Lanes 2 i and 2 i + 1 exchanged.
  OPENSWIRL_INLINE Lazy swap_pairs() const { return {_mm512_shuffle_epi32(v, _MM_PERM_BADC)}; }
  // The sum of the four pairs of lanes, in every pair.
  OPENSWIRL_INLINE Lazy sum_pairs() const {
    const Lazy half = *this + Lazy{_mm512_shuffle_i64x2(v, v, 0x4e)};
    return half + Lazy{_mm512_shuffle_i64x2(half.v, half.v, 0xb1)};
  }
  // Every lane the first one of this.
  OPENSWIRL_INLINE Lazy spread_first() const { return {_mm512_broadcastq_epi64(_mm512_castsi512_si128(v))}; }
  OPENSWIRL_INLINE Lazy with_first(Lazy other) const { return {_mm512_mask_mov_epi64(v, 1, other.v)}; }

  friend OPENSWIRL_INLINE Lazy operator+(Lazy a, Lazy b) { return {_mm512_add_epi64(a.v, b.v)}; }
  friend OPENSWIRL_INLINE Lazy operator-(Lazy a, Lazy b) { return {_mm512_sub_epi64(a.v, b.v)}; }
  friend OPENSWIRL_INLINE Lazy operator&(Lazy a, Lazy b) { return {_mm512_and_si512(a.v, b.v)}; }
  OPENSWIRL_INLINE Lazy without(Lazy mask) const { return {_mm512_andnot_si512(v, mask.v)}; }
  // sum + (a * b mod 2^52), and sum + floor(a * b / 2^52).
  static OPENSWIRL_INLINE Lazy add_low(Lazy sum, Lazy a, Lazy b) {
    return {_mm512_madd52lo_epu64(sum.v, a.v, b.v)};
  }
  static OPENSWIRL_INLINE Lazy add_high(Lazy sum, Lazy a, Lazy b) {
    return {_mm512_madd52hi_epu64(sum.v, a.v, b.v)};
  }
  // The smaller one of the low words.
  static OPENSWIRL_INLINE Lazy min_words(Lazy a, Lazy b) { return {_mm512_min_epu32(a.v, b.v)}; }
  // The product of the low words.
  static OPENSWIRL_INLINE Lazy multiply_words(Lazy a, Lazy b) { return {_mm512_mul_epu32(a.v, b.v)}; }
};

}  // namespace openswirl::avx512ifma
