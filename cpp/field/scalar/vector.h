// One Montgomery word as a vector of one lane: the fallback instruction set, and the tail of every wider one.
// All vector.h files define the same names, and the wider ones four more for permutations within a register:
// rotate_quads<k> (word i of each four words becomes word i + k mod 4 of them), sum_quads (the sum of the
// fours, in each of them), first (word 0) and with_first (another word 0); every function is inlined into its
// caller, so that no code compiled for one instruction set can be linked into another.
#pragma once

#include "field/fp.h"

namespace openswirl::scalar {

struct Wide;

// Elements in wider lanes that need no reduction after sums, where an instruction set has what makes them
// pay.
using Lazy = void;

struct Signed;

struct Vec {
  using Accumulator = Wide;
  using SignedWords = Signed;
  static constexpr size_t kLanes = 1;
  Fp v;

  static OPENSWIRL_INLINE Vec load(const uint32_t* words) { return {Fp::from_word(*words)}; }
  OPENSWIRL_INLINE void store(uint32_t* words) const { *words = v.word(); }
  static OPENSWIRL_INLINE Vec broadcast(uint32_t word) { return {Fp::from_word(word)}; }
  static OPENSWIRL_INLINE Vec zero() { return {Fp::zero()}; }
  // Word l is start + l.
  static OPENSWIRL_INLINE Vec counting(uint32_t start) { return broadcast(start); }

  friend OPENSWIRL_INLINE Vec operator+(Vec a, Vec b) { return {a.v + b.v}; }
  friend OPENSWIRL_INLINE Vec operator-(Vec a, Vec b) { return {a.v - b.v}; }
  // The factors may be any words whose product is below 2^32 p; the result is below p.
  friend OPENSWIRL_INLINE Vec operator*(Vec a, Vec b) { return {a.v * b.v}; }
  OPENSWIRL_INLINE Vec operator-() const { return {-v}; }
  OPENSWIRL_INLINE Vec halve() const {
    const uint32_t word = v.word();
    return {Fp::from_word((word >> 1) + ((Fp::kModulus + 1) / 2 & (0u - (word & 1))))};
  }
  // x / 2^n for n <= 27: 2^-n = -15 * 2^(27-n) mod p.
  template <unsigned n>
  OPENSWIRL_INLINE Vec div_2exp() const {
    const uint32_t word = v.word(), low = word & ((1u << n) - 1);
    return {Fp::from_word(word >> n) - Fp::from_word((low << (31 - n)) - (low << (27 - n)))};
  }
};

// Words for multiplications after each other, of which only the last one is corrected: signed ones where an
// instruction set gains by it.
struct Signed {
  Vec v;

  // x + c, given c - p mod 2^32.
  static OPENSWIRL_INLINE Signed sum(Vec x, Vec less_p) {
    return {x + Vec::broadcast(less_p.v.word() + Fp::kModulus)};
  }
  friend OPENSWIRL_INLINE Signed operator*(Signed a, Signed b) { return {a.v * b.v}; }
  static OPENSWIRL_INLINE Vec product(Signed a, Signed b) { return a.v * b.v; }
};

// Sums of word products, reduced once. A corrected sum stays below 2^64 with two further products, a zero one
// with four; correct() must follow before more are added or the sum is reduced.
struct Wide {
  uint64_t v;

  static OPENSWIRL_INLINE Wide zero() { return {0}; }
  OPENSWIRL_INLINE void add_product(Vec a, Vec b) { v += uint64_t{a.v.word()} * b.v.word(); }
  OPENSWIRL_INLINE void correct() {
    constexpr uint64_t kRp = uint64_t{Fp::kModulus} << 32;
    if (v >= kRp) v -= kRp;
  }
  OPENSWIRL_INLINE Vec reduce() const { return {Fp::from_word(Fp::reduce(v))}; }
};

// out[j] lane l = base[l * stride + j] for j < 4; store_quads is the inverse.
OPENSWIRL_INLINE void load_quads(const uint32_t* base, size_t, Vec out[4]) {
  for (size_t j = 0; j < 4; ++j) out[j] = Vec::load(base + j);
}
OPENSWIRL_INLINE void store_quads(uint32_t* base, size_t, const Vec in[4]) {
  for (size_t j = 0; j < 4; ++j) in[j].store(base + j);
}

// Even and odd elements of the sequence first || second, in order; interleave is the inverse.
OPENSWIRL_INLINE void deinterleave(Vec first, Vec second, Vec& even, Vec& odd) { even = first, odd = second; }
OPENSWIRL_INLINE void interleave(Vec even, Vec odd, Vec& first, Vec& second) { first = even, second = odd; }

}  // namespace openswirl::scalar
