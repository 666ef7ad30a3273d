// Arithmetic kernels: enough independent chains to hide the latency of every operation.
#pragma once

#include "stages/kernels/arithmetic_table.h"
#include "stages/kernels/lanes.h"

namespace openswirl::OPENSWIRL_ISA {
namespace {

inline constexpr size_t kChains = 8;

// Applies step(vectors) `rounds` times to kChains vectors at a time, which stay in registers.
template <class Step>
OPENSWIRL_INLINE void chain_words(uint32_t* words, size_t rounds, Step&& step) {
  for (size_t start = 0; start < stages::kArithmeticWords; start += kChains * Vec::kLanes) {
    Vec v[kChains];
    for (size_t i = 0; i < kChains; ++i) v[i] = Vec::load(words + start + i * Vec::kLanes);
    for (size_t round = 0; round < rounds; ++round) step(v);
    for (size_t i = 0; i < kChains; ++i) v[i].store(words + start + i * Vec::kLanes);
  }
}

void multiply(uint32_t* words, uint32_t operand, size_t rounds) {
  const Vec factor = Vec::broadcast(operand);
  chain_words(words, rounds, [factor](Vec v[kChains]) {
    for (size_t i = 0; i < kChains; ++i) v[i] = v[i] * factor;
  });
}

void add(uint32_t* words, uint32_t operand, size_t rounds) {
  const Vec term = Vec::broadcast(operand);
  chain_words(words, rounds, [term](Vec v[kChains]) {
    for (size_t i = 0; i < kChains; ++i) v[i] = v[i] + term;
  });
}

void butterflies(uint32_t* words, uint32_t root, size_t rounds) {
  constexpr size_t kHalf = stages::kArithmeticWords / 2, kPairs = kChains / 2;
  const Vec factor = Vec::broadcast(root);
  for (size_t start = 0; start < kHalf; start += kPairs * Vec::kLanes) {
    Vec a[kPairs], b[kPairs];
    for (size_t i = 0; i < kPairs; ++i) {
      a[i] = Vec::load(words + start + i * Vec::kLanes);
      b[i] = Vec::load(words + kHalf + start + i * Vec::kLanes);
    }
    for (size_t round = 0; round < rounds; ++round) {
      for (size_t i = 0; i < kPairs; ++i) {
        const Vec scaled = b[i] * factor;
        b[i] = a[i] - scaled;
        a[i] = a[i] + scaled;
      }
    }
    for (size_t i = 0; i < kPairs; ++i) {
      a[i].store(words + start + i * Vec::kLanes);
      b[i].store(words + kHalf + start + i * Vec::kLanes);
    }
  }
}

void multiply_ext(uint32_t* words, size_t rounds) {
  constexpr size_t kTable = stages::kArithmeticWords / 4, kEntries = kTable / 4;
  using E = ExtVec<Vec>;
  for (size_t start = 0; start < kEntries; start += Vec::kLanes) {
    E x[4];
    for (size_t i = 0; i < 4; ++i) x[i] = E::load_planes(words + i * kTable + start, kEntries);
    // No factor stays the same, so that nothing of a product can be taken out of the loop.
    for (size_t round = 0; round < rounds; ++round) {
      x[0] = x[0] * x[1];
      x[2] = x[2] * x[3];
      x[1] = x[1] * x[2];
      x[3] = x[3] * x[0];
    }
    for (size_t i = 0; i < 4; ++i) x[i].store_planes(words + i * kTable + start, kEntries);
  }
}

void multiply_accumulate(const uint32_t* matrix, const uint32_t* coefficients, uint32_t* sums,
                         size_t rounds) {
  for (size_t round = 0; round < rounds; ++round) {
    for (size_t row = 0; row < stages::kMacRows; row += Vec::kLanes) {
      Vec::Accumulator total[4];
      for (size_t k = 0; k < 4; ++k) total[k] = Vec::Accumulator::zero();
      for (size_t c = 0; c < stages::kMacColumns; c += 2) {
        const uint32_t* column = matrix + c * stages::kMacRows + row;
        const Vec first = Vec::load(column), second = Vec::load(column + stages::kMacRows);
        for (size_t k = 0; k < 4; ++k) {
          total[k].add_product(first, Vec::broadcast(coefficients[4 * c + k]));
          total[k].add_product(second, Vec::broadcast(coefficients[4 * c + 4 + k]));
          total[k].correct();
        }
      }
      for (size_t k = 0; k < 4; ++k) {
        uint32_t* at = sums + k * stages::kMacRows + row;
        (Vec::load(at) + total[k].reduce()).store(at);
      }
    }
  }
}

uint32_t sum(const uint32_t* words, size_t count) {
  Vec total[kChains];
  for (size_t i = 0; i < kChains; ++i) total[i] = Vec::zero();
  constexpr size_t kBlock = kChains * Vec::kLanes;
  const size_t blocks = count / kBlock;
  for (size_t block = 0; block < blocks; ++block) {
    for (size_t i = 0; i < kChains; ++i)
      total[i] = total[i] + Vec::load(words + block * kBlock + i * Vec::kLanes);
  }
  Fp result = Fp::zero();
  for (size_t i = 0; i < kChains; ++i) {
    uint32_t lanes[Vec::kLanes];
    total[i].store(lanes);
    for (const uint32_t lane : lanes) result += Fp::from_word(lane);
  }
  for (size_t i = blocks * kBlock; i < count; ++i) result += Fp::from_word(words[i]);
  return result.word();
}

constexpr stages::ArithmeticKernels make_arithmetic_kernels() {
  return {multiply, add, butterflies, multiply_ext, multiply_accumulate, sum};
}

}  // namespace
}  // namespace openswirl::OPENSWIRL_ISA
