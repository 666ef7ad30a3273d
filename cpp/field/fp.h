// BabyBear, p = 2^31 - 2^27 + 1: one reduced Montgomery word (R = 2^32) per element (protocol part 01, 1).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "openswirl/work_counts.h"

#if defined(__GNUC__) || defined(__clang__)
#define OPENSWIRL_INLINE inline __attribute__((always_inline))
#else
#define OPENSWIRL_INLINE inline
#endif

namespace openswirl {

// An element of F_p. The word is always in [0, p), so equal elements have equal words.
// Trivially copyable; arrays of Fp are arrays of u32 Montgomery words, shared with devices as they are.
class Fp {
 public:
  static constexpr uint32_t kModulus = 0x78000001u;
  static constexpr uint32_t kInverseModR = 0x88000001u;  // p^-1 mod 2^32
  static constexpr uint32_t kR2 = 0x45dddde3u;           // R^2 mod p, enters Montgomery form
  static constexpr uint32_t kOneWord = 0x0ffffffeu;
  static constexpr unsigned kTwoAdicity = 27;
  static constexpr uint32_t kGenerator =
      31;  // of F_p^*; shifts evaluation cosets, never reaches a proof byte

  Fp() = default;
  // The element with this residue; any 32-bit value is reduced.
  static OPENSWIRL_INLINE constexpr Fp from_u32(uint32_t value) { return Fp(reduce(uint64_t{value} * kR2)); }
  static constexpr Fp from_u64(uint64_t value) { return from_u32(static_cast<uint32_t>(value % kModulus)); }
  static constexpr Fp from_i64(int64_t value) {
    const int64_t r = value % int64_t{kModulus};
    return from_u32(static_cast<uint32_t>(r < 0 ? r + kModulus : r));
  }
  // The element whose Montgomery word this is; the caller guarantees word < p.
  static OPENSWIRL_INLINE constexpr Fp from_word(uint32_t word) { return Fp(word); }
  static OPENSWIRL_INLINE constexpr Fp zero() { return Fp(0); }
  static OPENSWIRL_INLINE constexpr Fp one() { return Fp(kOneWord); }
  static constexpr Fp two() { return one() + one(); }
  static constexpr Fp minus_one() { return -one(); }

  OPENSWIRL_INLINE constexpr uint32_t word() const { return word_; }
  // The residue in [0, p).
  OPENSWIRL_INLINE constexpr uint32_t canonical() const { return reduce(word_); }
  OPENSWIRL_INLINE constexpr bool is_zero() const { return word_ == 0; }

  friend OPENSWIRL_INLINE constexpr Fp operator+(Fp a, Fp b) {
    OPENSWIRL_COUNT(additions);
    const uint32_t sum = a.word_ + b.word_;
    return Fp(sum >= kModulus ? sum - kModulus : sum);
  }
  friend OPENSWIRL_INLINE constexpr Fp operator-(Fp a, Fp b) {
    OPENSWIRL_COUNT(additions);
    const uint32_t difference = a.word_ - b.word_;
    return Fp(a.word_ < b.word_ ? difference + kModulus : difference);
  }
  friend OPENSWIRL_INLINE constexpr Fp operator*(Fp a, Fp b) {
    OPENSWIRL_COUNT(multiplications);
    return Fp(reduce(uint64_t{a.word_} * b.word_));
  }
  OPENSWIRL_INLINE constexpr Fp operator-() const {
    OPENSWIRL_COUNT(additions);
    return Fp(word_ == 0 ? 0 : kModulus - word_);
  }
  OPENSWIRL_INLINE constexpr Fp& operator+=(Fp b) { return *this = *this + b; }
  OPENSWIRL_INLINE constexpr Fp& operator-=(Fp b) { return *this = *this - b; }
  OPENSWIRL_INLINE constexpr Fp& operator*=(Fp b) { return *this = *this * b; }
  friend OPENSWIRL_INLINE constexpr bool operator==(Fp a, Fp b) { return a.word_ == b.word_; }

  OPENSWIRL_INLINE constexpr Fp square() const { return *this * *this; }
  constexpr Fp halve() const { return Fp(word_ & 1 ? (word_ >> 1) + (kModulus + 1) / 2 : word_ >> 1); }
  constexpr Fp pow(uint64_t exponent) const {
    Fp base = *this, result = one();
    for (; exponent; exponent >>= 1, base = base.square()) {
      if (exponent & 1) result *= base;
    }
    return result;
  }
  // x^(p-2); the inverse of 0 is 0, callers that must reject 0 test for it.
  constexpr Fp inverse() const { return pow(kModulus - 2); }
  // x / 2^n for n <= 32, one reduction.
  constexpr Fp div_2exp(unsigned n) const { return Fp(reduce(uint64_t{word_} << (32 - n))); }

  // Montgomery reduction (subtracting form) of value < R * p: value / R mod p, in [0, p).
  static OPENSWIRL_INLINE constexpr uint32_t reduce(uint64_t value) {
    const uint32_t m = static_cast<uint32_t>(value) * kInverseModR;
    const uint32_t high = static_cast<uint32_t>(value >> 32);
    const uint32_t subtract = static_cast<uint32_t>((uint64_t{m} * kModulus) >> 32);
    const uint32_t difference = high - subtract;
    return high < subtract ? difference + kModulus : difference;
  }

 private:
  explicit constexpr Fp(uint32_t word) : word_(word) {}
  uint32_t word_;
};

static_assert(sizeof(Fp) == 4);

}  // namespace openswirl
