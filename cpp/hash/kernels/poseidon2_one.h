// Poseidon2 over one state, for the shortest time to its result: the sixteen words in as few registers as
// hold them, and in the internal rounds the S-box in scalar registers beside the sums of the vector.
#pragma once

#include "hash/kernels/poseidon2.h"

namespace openswirl::OPENSWIRL_ISA {
namespace {

namespace one_state {

struct Diagonal {
  uint32_t words[16];  // Montgomery forms; 0 in place of the first
};
constexpr Diagonal make_diagonal() {
  Diagonal diagonal{};
  for (size_t i = 1; i < 16; ++i) {
    diagonal.words[i] = Fp::from_u32(poseidon2_constants::kInternalDiagonal[i]).word();
  }
  return diagonal;
}
constexpr Diagonal kDiagonal = make_diagonal();

constexpr size_t kRegisters = 16 / Vec::kLanes;

// The sum of all words, in every word.
OPENSWIRL_INLINE Vec sum_words(const Vec s[kRegisters]) {
  Vec sum = s[0];
  for (size_t i = 1; i < kRegisters; ++i) sum = sum + s[i];
  sum = sum + sum.rotate_quads<1>();
  return (sum + sum.rotate_quads<2>()).sum_quads();
}

// M4 of (group + sum of the groups): row i of M4 is the sum of the group, once more x_i and twice x_(i+1).
OPENSWIRL_INLINE void external_layer(Vec s[kRegisters]) {
  Vec sums = s[0];
  for (size_t i = 1; i < kRegisters; ++i) sums = sums + s[i];
  sums = sums.sum_quads();
  for (size_t i = 0; i < kRegisters; ++i) {
    const Vec x = s[i] + sums, next = x.rotate_quads<1>(), pair = x + next;
    s[i] = (pair + pair.rotate_quads<2>()) + (pair + next);
  }
}

OPENSWIRL_INLINE void external_rounds(Vec s[kRegisters], const uint32_t constants[4][16]) {
  for (size_t r = 0; r < 4; ++r) {
    for (size_t i = 0; i < kRegisters; ++i) {
      s[i] = sbox(s[i], Vec::load(constants[r] + i * Vec::kLanes));
    }
    external_layer(s);
  }
}

OPENSWIRL_INLINE Fp power7(Fp x) {
  const Fp x2 = x * x, x3 = x2 * x, x4 = x2 * x2;
  return x3 * x4;
}

// What a round does to the first element waits for nothing but the S-boxes: the sum of the others is known
// from the vector of the round before the last, which does not need the S-box between.
OPENSWIRL_INLINE void internal_rounds(Vec s[kRegisters]) {
  const auto constant = [](size_t r) { return Fp::from_word(kPoseidon2.internal[r] + Fp::kModulus); };
  Fp first = Fp::from_word(s[0].first());
  Fp others = Fp::from_word(sum_words(s).first()) - first;
  first = first + constant(0);
  for (size_t r = 0; r < 13; ++r) {
    Vec products[kRegisters];
    for (size_t i = 0; i < kRegisters; ++i) {
      products[i] = s[i] * Vec::load(kDiagonal.words + i * Vec::kLanes);
    }
    const Fp sum_of_products = Fp::from_word(sum_words(products).first());
    const Fp next = r < 12 ? others + constant(r + 1) : others;
    const Fp power = power7(first), sum = others + power;
    first = next - power;
    others = sum * Fp::from_u32(15) + sum_of_products;
    for (size_t i = 0; i < kRegisters; ++i) s[i] = Vec::broadcast(sum.word()) + products[i];
  }
  s[0] = s[0].with_first(first.word());
}

}  // namespace one_state

// L is the type of lazy lanes, void where the instruction set has none that pay.
template <class V, class L>
struct OneState;

template <class V>
struct OneState<V, void> {
  static OPENSWIRL_INLINE void permute(uint32_t* state) {
    using namespace one_state;
    V s[kRegisters];
    for (size_t i = 0; i < kRegisters; ++i) s[i] = V::load(state + i * V::kLanes);
    external_layer(s);
    external_rounds(s, kPoseidon2.initial);
    internal_rounds(s);
    external_rounds(s, kPoseidon2.final);
    for (size_t i = 0; i < kRegisters; ++i) s[i].store(state + i * V::kLanes);
  }
};

}  // namespace
}  // namespace openswirl::OPENSWIRL_ISA
