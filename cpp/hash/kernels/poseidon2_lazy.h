// Poseidon2 over many states in lazy 64-bit lanes: multiplications reduce and add the round constants, and
// the linear layers are plain sums.
#pragma once

#include "field/kernels/lazy.h"
#include "hash/kernels/poseidon2.h"
#include "hash/poseidon2_constants.h"

namespace openswirl::OPENSWIRL_ISA {
namespace {

namespace lazy {

// The offsets are multiples of p that keep what is subtracted from them nonnegative.
constexpr uint64_t kSmallOffset = uint64_t{Fp::kModulus} << 3;   // above every S-box output
constexpr uint64_t kLargeOffset = uint64_t{Fp::kModulus} << 16;  // above the sum of the negated elements

struct Poseidon2Constants {
  uint64_t first[16];        // added before round 0
  uint64_t initial[4][16];   // addends of the S-boxes of initial round r: the constants of the round after it
  uint64_t internal[13];     // added before the S-box of round r
  uint64_t first_final[16];  // added before final round 0
  uint64_t final[4][16];
};

// What must be added before the external linear layer for `constants` to come out of it. The layer is M4 of
// (group + sum of groups), and M4^-1 is circulant(-4, 3, -11, 17) / 35.
constexpr void before_external_layer(const Fp constants[16], uint64_t addends[16]) {
  Fp unmixed[16], sums[4] = {Fp::zero(), Fp::zero(), Fp::zero(), Fp::zero()};
  const Fp inverse35 = Fp::from_u32(35).inverse(), inverse5 = Fp::from_u32(5).inverse();
  for (size_t i = 0; i < 16; ++i) {
    const auto at = [&](size_t offset) { return constants[i / 4 * 4 + (i + offset) % 4]; };
    unmixed[i] = (Fp::from_i64(-4) * at(0) + Fp::from_u32(3) * at(1) + Fp::from_i64(-11) * at(2) +
                  Fp::from_u32(17) * at(3)) *
                 inverse35;
    sums[i % 4] += unmixed[i];
  }
  for (size_t i = 0; i < 16; ++i) addends[i] = kAddend + form52(unmixed[i] - sums[i % 4] * inverse5);
}

constexpr Poseidon2Constants make_poseidon2_constants() {
  using namespace poseidon2_constants;
  Poseidon2Constants result{};
  for (size_t i = 0; i < 16; ++i) {
    result.first[i] = form52(Fp::from_u32(kExternalInitial[0][i]));
    result.first_final[i] = form52(Fp::from_u32(kExternalFinal[0][i]));
  }
  for (size_t r = 0; r < 4; ++r) {
    Fp after_initial[16], after_final[16];
    for (size_t i = 0; i < 16; ++i) {
      after_initial[i] = r < 3 ? Fp::from_u32(kExternalInitial[r + 1][i]) : Fp::zero();
      after_final[i] = r < 3 ? Fp::from_u32(kExternalFinal[r + 1][i]) : Fp::zero();
    }
    before_external_layer(after_initial, result.initial[r]);
    before_external_layer(after_final, result.final[r]);
  }
  for (size_t r = 0; r < 13; ++r) result.internal[r] = form52(Fp::from_u32(kInternal[r]));
  return result;
}
constexpr Poseidon2Constants kLazyPoseidon2 = make_poseidon2_constants();

// x^7 and the constant that `addend` carries; x below 2^48, the result below 4 p.
template <class L>
OPENSWIRL_INLINE L sbox(L value, L addend) {
  const Factor<L> x(value);
  const L x2 = multiply(value, x), x3 = multiply(x2, x), x6 = multiply(x3, Factor<L>(x3));
  return multiply(x6, x, addend);
}

// kSboxes of them step by step.
template <class L>
OPENSWIRL_INLINE void sboxes(L* s, const uint64_t* addends) {
  L scaled[kSboxes], power[kSboxes];
  const L zero = L::zero(), factor = L::broadcast(kNegativeInverse);
  for (size_t i = 0; i < kSboxes; ++i) scaled[i] = L::add_low(zero, s[i], factor);
  for (size_t i = 0; i < kSboxes; ++i) power[i] = multiply(s[i], Factor<L>(s[i], scaled[i]));
  for (size_t i = 0; i < kSboxes; ++i) power[i] = multiply(power[i], Factor<L>(s[i], scaled[i]));
  for (size_t i = 0; i < kSboxes; ++i) power[i] = multiply(power[i], Factor<L>(power[i]));
  for (size_t i = 0; i < kSboxes; ++i) {
    s[i] = multiply(power[i], Factor<L>(s[i], scaled[i]), L::broadcast_from(&addends[i]));
  }
}

// At most 35 times the largest element.
template <class L>
OPENSWIRL_INLINE void external_layer(L s[16]) {
  L sums[4];
  for (size_t j = 0; j < 4; ++j) sums[j] = (s[j] + s[4 + j]) + (s[8 + j] + s[12 + j]);
  const L two = L::broadcast(2);
  for (size_t g = 0; g < 16; g += 4) {
    const L a = s[g] + sums[0], b = s[g + 1] + sums[1], c = s[g + 2] + sums[2], d = s[g + 3] + sums[3];
    const L ab = a + b, cd = c + d, all = ab + cd, all_b = all + b, all_d = all + d;
    s[g] = all_b + ab;
    s[g + 1] = L::add_low(all_b, c, two);
    s[g + 2] = all_d + cd;
    s[g + 3] = L::add_low(all_d, a, two);
  }
}

// Element 7 alone of what external_layer makes.
template <class L>
OPENSWIRL_INLINE L external_layer_7(const L s[16]) {
  L x[4];
  for (size_t j = 0; j < 4; ++j) x[j] = s[4 + j] + ((s[j] + s[4 + j]) + (s[8 + j] + s[12 + j]));
  const L ad = x[0] + x[3];
  return ((x[0] + ad) + (x[1] + x[2])) + ad;
}

// Two halves of a vector take turns: the S-boxes of one fill the time that the other's layer waits for its
// own.
template <Wanted wanted, class L>
OPENSWIRL_INLINE void external_rounds(L a[16], L b[16], const uint64_t addends[4][16]) {
  for (size_t r = 0; r < 4; ++r) {
    for (L* s : {a, b}) {
      for (size_t i = 0; i < 16; i += kSboxes) sboxes(s + i, &addends[r][i]);
      if (r < 3 || wanted == Wanted::kAll) external_layer(s);
    }
  }
  if (wanted == Wanted::kElement7) a[7] = external_layer_7(a), b[7] = external_layer_7(b);
}

// addend + s / 2^k. With z = s mod 2^k, s / 2^k = floor(s / 2^k) - z * 15 * 2^(27 - k).
template <unsigned k, class L>
OPENSWIRL_INLINE L add_div_2exp(L addend, L s) {
  const L mask = L::broadcast((uint64_t{1} << k) - 1);
  const L floor_added = L::add_high(addend, s, L::broadcast(uint64_t{1} << (52 - k)));
  if constexpr (k <= 8) {
    return L::add_low(floor_added, s & mask, L::broadcast(Fp::kModulus - (15u << (27 - k))));
  } else {
    // The product would not fit: for an element held less one, 2^k - z is the complement of what is held.
    static_assert(k == 27);
    return L::add_low(floor_added, s.without(mask), L::broadcast(15));
  }
}

// One internal round, the diagonal spelled out. The elements with a negative entry change sign in every
// round, so that each entry is a multiply-add: `negated` says how they are held before. Elements 12 and 15
// are held less one.
template <bool negated, class L>
OPENSWIRL_INLINE void internal_round(L s[16], uint64_t constant) {
  constexpr uint64_t kLessOnes = negated ? 0 : 2;
  const L x = s[0] + L::broadcast(constant + kSmallOffset);
  const L power = sbox(x, L::broadcast(kAddend));
  const L positive = (((s[1] + s[2]) + (s[3] + s[4])) + ((s[5] + s[9]) + (s[10] + s[11]))) + s[12];
  const L negative = ((s[6] + s[7]) + (s[8] + s[13])) + (s[14] + s[15]);
  const L rest = negated ? positive + (L::broadcast(kLargeOffset) - negative)
                         : positive + (negative + L::broadcast(kLessOnes));
  const L sum = reduce(rest + power);
  const L negative_sum = L::broadcast(2 * uint64_t{Fp::kModulus}) - sum;
  const L other = negated ? sum : negative_sum;
  s[0] = rest - power;
  s[1] = sum + s[1];
  s[2] = L::add_low(sum, s[2], L::broadcast(2));
  s[3] = add_div_2exp<1>(sum, s[3]);
  s[4] = L::add_low(sum, s[4], L::broadcast(3));
  s[5] = L::add_low(sum, s[5], L::broadcast(4));
  s[6] = add_div_2exp<1>(other, s[6]);
  s[7] = L::add_low(other, s[7], L::broadcast(3));
  s[8] = L::add_low(other, s[8], L::broadcast(4));
  s[9] = add_div_2exp<8>(sum, s[9]);
  s[10] = add_div_2exp<2>(sum, s[10]);
  s[11] = add_div_2exp<3>(sum, s[11]);
  s[12] = add_div_2exp<27>(sum, s[12]);
  s[13] = add_div_2exp<8>(other, s[13]);
  s[14] = add_div_2exp<4>(other, s[14]);
  s[15] = add_div_2exp<27>(other, s[15]);
}

// Two halves of a vector take turns: a round of one hides the latency of the other's S-box. Entries 3 and 4
// of the diagonal let elements grow by two bits a round, so these are reduced every four rounds.
template <class L>
OPENSWIRL_INLINE void internal_rounds(L a[16], L b[16]) {
  const L one = L::broadcast(1);
  for (L* s : {a, b}) s[12] = s[12] - one, s[15] = s[15] - one;
  for (size_t r = 0; r < 12; r += 4) {
    for (size_t pair = r; pair < r + 4; pair += 2) {
      internal_round<false>(a, kLazyPoseidon2.internal[pair]);
      internal_round<false>(b, kLazyPoseidon2.internal[pair]);
      internal_round<true>(a, kLazyPoseidon2.internal[pair + 1]);
      internal_round<true>(b, kLazyPoseidon2.internal[pair + 1]);
    }
    for (L* s : {a, b}) {
      for (const size_t i : {4, 5, 7, 8}) s[i] = reduce(s[i]);
    }
  }
  internal_round<false>(a, kLazyPoseidon2.internal[12]);
  internal_round<false>(b, kLazyPoseidon2.internal[12]);
  const L offset = L::broadcast(kLargeOffset);
  for (L* s : {a, b}) {
    s[0] = s[0] + L::broadcast(kSmallOffset);
    s[12] = s[12] + one, s[15] = s[15] + one;
    for (const size_t i : {6, 7, 8, 13, 14, 15}) s[i] = offset - s[i];
  }
}

OPENSWIRL_INLINE void add_constants(auto* s, const uint64_t constants[16]) {
  using L = decltype(s[0] + s[0]);
  for (size_t i = 0; i < 16; ++i) s[i] = s[i] + L::broadcast_from(&constants[i]);
}

// One copy for each want, as it fills a good part of the instruction cache. Elements are below 2^38 before
// and after.
template <Wanted wanted, class L>
__attribute__((noinline)) void permute(L a[16], L b[16]) {
  for (L* s : {a, b}) {
    external_layer(s);
    add_constants(s, kLazyPoseidon2.first);
  }
  external_rounds<Wanted::kAll>(a, b, kLazyPoseidon2.initial);
  internal_rounds(a, b);
  for (L* s : {a, b}) add_constants(s, kLazyPoseidon2.first_final);
  external_rounds<wanted>(a, b, kLazyPoseidon2.final);
}

}  // namespace lazy

// As many states as V has lanes, in two halves.
template <class V, class L>
struct States {
  struct Element {
    L low, high;
  };

  static OPENSWIRL_INLINE Element zero() { return {L::zero(), L::zero()}; }
  // Words are Montgomery forms relative to 2^32.
  static OPENSWIRL_INLINE Element from_words(V words) {
    const Factor<L> factor(lazy::two_to(72));
    Element element;
    L::split(words, element.low, element.high);
    return {multiply(element.low, factor), multiply(element.high, factor)};
  }
  static OPENSWIRL_INLINE V to_words(const Element& element) {
    const Factor<L> factor(lazy::two_to(32));
    const L addend = L::broadcast(lazy::kAddend - Fp::kModulus);
    // From kAddend - p to a little above p: an element below 2^38 adds 2^14 at most.
    static_assert(lazy::kAddend > Fp::kModulus - 1024);
    return V::from_signed(
        L::join(multiply(element.low, factor, addend), multiply(element.high, factor, addend)));
  }

  OPENSWIRL_INLINE Element get(size_t i) const { return {low[i], high[i]}; }
  OPENSWIRL_INLINE void set(size_t i, const Element& element) {
    low[i] = element.low, high[i] = element.high;
  }
  template <Wanted wanted = Wanted::kAll>
  OPENSWIRL_INLINE void permute() {
    lazy::permute<wanted>(low, high);
  }

  L low[16], high[16];
};

}  // namespace
}  // namespace openswirl::OPENSWIRL_ISA
