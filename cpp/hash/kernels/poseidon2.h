// Poseidon2 over many states, one vector of words per element.
#pragma once

#ifndef OPENSWIRL_ISA
#error "kernel texts are compiled by <room>/isa/<isa>.cpp only"
#endif

#include "field/fp.h"
#include "hash/poseidon2_constants.h"

namespace openswirl::OPENSWIRL_ISA {
namespace {

struct Poseidon2Words {
  uint32_t initial[4][16], internal[13], final[4][16];
};
constexpr Poseidon2Words make_poseidon2_words() {
  Poseidon2Words words{};
  for (size_t r = 0; r < 4; ++r) {
    for (size_t i = 0; i < 16; ++i) {
      words.initial[r][i] = Fp::from_u32(poseidon2_constants::kExternalInitial[r][i]).word();
      words.final[r][i] = Fp::from_u32(poseidon2_constants::kExternalFinal[r][i]).word();
    }
  }
  for (size_t r = 0; r < 13; ++r) words.internal[r] = Fp::from_u32(poseidon2_constants::kInternal[r]).word();
  return words;
}
constexpr Poseidon2Words kPoseidon2 = make_poseidon2_words();

template <class V>
OPENSWIRL_INLINE V sbox(V x) {
  const V x2 = x * x, x3 = x2 * x, x4 = x2 * x2;
  return x3 * x4;
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

template <class V>
OPENSWIRL_INLINE void external_round(V s[16], const uint32_t constants[16]) {
  for (size_t i = 0; i < 16; ++i) s[i] = sbox(s[i] + V::broadcast(constants[i]));
  external_linear(s);
}

// One copy per vector type: inlined into each caller it would not fit the instruction cache.
template <class V>
__attribute__((noinline)) void permute_lanes(V s[16]) {
  external_linear(s);
  for (size_t r = 0; r < 4; ++r) external_round(s, kPoseidon2.initial[r]);
  for (size_t r = 0; r < 13; ++r) {
    s[0] = sbox(s[0] + V::broadcast(kPoseidon2.internal[r]));
    internal_linear(s);
  }
  for (size_t r = 0; r < 4; ++r) external_round(s, kPoseidon2.final[r]);
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
  OPENSWIRL_INLINE void permute() { permute_lanes(elements); }

  V elements[16];
};

}  // namespace
}  // namespace openswirl::OPENSWIRL_ISA
