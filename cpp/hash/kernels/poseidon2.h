// Poseidon2 over many states, one vector of words per element.
#pragma once

#ifndef OPENSWIRL_ISA
#error "kernel texts are compiled by <room>/isa/<isa>.cpp only"
#endif

#include "field/fp.h"
#include "hash/poseidon2_constants.h"

namespace openswirl::OPENSWIRL_ISA {
namespace {

// Montgomery words less p, as the S-boxes take them.
struct Poseidon2Words {
  uint32_t initial[4][16], internal[13], final[4][16];
};
constexpr Poseidon2Words make_poseidon2_words() {
  const auto less_p = [](uint32_t constant) { return Fp::from_u32(constant).word() - Fp::kModulus; };
  Poseidon2Words words{};
  for (size_t r = 0; r < 4; ++r) {
    for (size_t i = 0; i < 16; ++i) {
      words.initial[r][i] = less_p(poseidon2_constants::kExternalInitial[r][i]);
      words.final[r][i] = less_p(poseidon2_constants::kExternalFinal[r][i]);
    }
  }
  for (size_t r = 0; r < 13; ++r) words.internal[r] = less_p(poseidon2_constants::kInternal[r]);
  return words;
}
constexpr Poseidon2Words kPoseidon2 = make_poseidon2_words();

// (value + c)^7 for the constant c = less_p + p.
template <class V>
OPENSWIRL_INLINE V sbox(V value, V less_p) {
  using S = typename V::SignedWords;
  const S x = S::sum(value, less_p), x2 = x * x, x3 = x2 * x, x4 = x2 * x2;
  return S::product(x3, x4);
}

template <class V>
OPENSWIRL_INLINE void external_linear(V s[16]) {
  V sums[4] = {V::zero(), V::zero(), V::zero(), V::zero()};
  for (size_t g = 0; g < 16; g += 4) {
    const V a = s[g], b = s[g + 1], c = s[g + 2], d = s[g + 3];
    const V ab = a + b, cd = c + d, all = ab + cd, all_b = all + b, all_d = all + d;
    s[g] = all_b + ab;
    s[g + 1] = all_b + (c + c);
    s[g + 2] = all_d + cd;
    s[g + 3] = all_d + (a + a);
    for (size_t j = 0; j < 4; ++j) sums[j] = g == 0 ? s[j] : sums[j] + s[g + j];
  }
  for (size_t i = 0; i < 16; ++i) s[i] = s[i] + sums[i % 4];
}

// Element 7 alone of what external_linear makes.
template <class V>
OPENSWIRL_INLINE V external_linear_7(const V s[16]) {
  V x[4];
  for (size_t j = 0; j < 4; ++j) x[j] = s[4 + j] + ((s[j] + s[4 + j]) + (s[8 + j] + s[12 + j]));
  const V ad = x[0] + x[3];
  return ((x[0] + ad) + (x[1] + x[2])) + ad;
}

// s_i = sum + V_i s_i, with the diagonal of part 01, 3.3 spelled out: most entries need no multiplication.
template <class V>
OPENSWIRL_INLINE void internal_linear(V s[16]) {
  // s_0 comes out of the S-box last, so the sum of the others does not wait for it.
  const V rest = (((s[1] + s[2]) + (s[3] + s[4])) + ((s[5] + s[6]) + (s[7] + s[8]))) +
                 (((s[9] + s[10]) + (s[11] + s[12])) + ((s[13] + s[14]) + s[15]));
  const V sum = rest + s[0];
  s[0] = rest - s[0];
  s[1] = sum + s[1];
  s[2] = sum + (s[2] + s[2]);
  s[3] = sum + s[3].halve();
  s[4] = sum + (s[4] + s[4] + s[4]);
  const V twice5 = s[5] + s[5];
  s[5] = sum + (twice5 + twice5);
  s[6] = sum - s[6].halve();
  s[7] = sum - (s[7] + s[7] + s[7]);
  const V twice8 = s[8] + s[8];
  s[8] = sum - (twice8 + twice8);
  s[9] = sum + s[9].template div_2exp<8>();
  s[10] = sum + s[10].template div_2exp<2>();
  s[11] = sum + s[11].template div_2exp<3>();
  s[12] = sum + s[12].template div_2exp<27>();
  s[13] = sum - s[13].template div_2exp<8>();
  s[14] = sum - s[14].template div_2exp<4>();
  s[15] = sum - s[15].template div_2exp<27>();
}

// S-boxes that go step by step together: one after the other they would fill the processor's window with
// instructions that wait.
constexpr size_t kSboxes = 8;

template <class V>
OPENSWIRL_INLINE void external_sboxes(V s[16], const uint32_t constants[16]) {
  using S = typename V::SignedWords;
  for (size_t g = 0; g < 16; g += kSboxes) {
    S x[kSboxes], x2[kSboxes], x3[kSboxes];
    for (size_t i = 0; i < kSboxes; ++i) x[i] = S::sum(s[g + i], V::broadcast(constants[g + i]));
    for (size_t i = 0; i < kSboxes; ++i) x2[i] = x[i] * x[i];
    for (size_t i = 0; i < kSboxes; ++i) x3[i] = x2[i] * x[i];
    for (size_t i = 0; i < kSboxes; ++i) x2[i] = x2[i] * x2[i];
    for (size_t i = 0; i < kSboxes; ++i) s[g + i] = S::product(x3[i], x2[i]);
  }
}

// What a caller wants of the result: all of it, or element 7 alone, which proof of work samples.
enum class Wanted { kAll, kElement7 };

// One copy per vector type and want: inlined into each caller it would not fit the instruction cache.
template <class V, Wanted wanted>
__attribute__((noinline)) void permute_lanes(V s[16]) {
  external_linear(s);
  for (size_t r = 0; r < 4; ++r) {
    external_sboxes(s, kPoseidon2.initial[r]);
    external_linear(s);
  }
  for (size_t r = 0; r < 13; ++r) {
    s[0] = sbox(s[0], V::broadcast(kPoseidon2.internal[r]));
    internal_linear(s);
  }
  for (size_t r = 0; r < 4; ++r) {
    external_sboxes(s, kPoseidon2.final[r]);
    if (r < 3 || wanted == Wanted::kAll) external_linear(s);
  }
  if (wanted == Wanted::kElement7) s[7] = external_linear_7(s);
}

// As many states as V has lanes. L is the type of lazy lanes, void where the instruction set has none that
// pay.
template <class V, class L>
struct States;

template <class V>
struct States<V, void> {
  using Element = V;

  static OPENSWIRL_INLINE V zero() { return V::zero(); }
  static OPENSWIRL_INLINE V from_words(V words) { return words; }
  static OPENSWIRL_INLINE V to_words(V element) { return element; }

  OPENSWIRL_INLINE V get(size_t i) const { return elements[i]; }
  OPENSWIRL_INLINE void set(size_t i, V element) { elements[i] = element; }
  template <Wanted wanted = Wanted::kAll>
  OPENSWIRL_INLINE void permute() {
    permute_lanes<V, wanted>(elements);
  }

  V elements[16];
};

}  // namespace
}  // namespace openswirl::OPENSWIRL_ISA
