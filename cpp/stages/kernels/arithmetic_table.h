// Arithmetic kernels: loops of one field operation on words that stay in registers or in the first-level
// cache. Their speed is the most that any kernel can get out of the machine (stages/ceilings.h).
#pragma once

#include <cstddef>
#include <cstdint>

namespace openswirl::stages {

// Words that a call of multiply, add, butterflies or multiply_ext works on, on every instruction set.
inline constexpr size_t kArithmeticWords = 256;
// Rows and columns of the matrix that a call of multiply_accumulate reads.
inline constexpr size_t kMacRows = 64, kMacColumns = 16;

struct ArithmeticKernels {
  // `rounds` times: word i of kArithmeticWords times (plus) the word `operand`, for every i.
  void (*multiply)(uint32_t* words, uint32_t operand, size_t rounds);
  void (*add)(uint32_t* words, uint32_t operand, size_t rounds);

  // `rounds` times: words i and i + kArithmeticWords / 2 become a + root b and a - root b.
  void (*butterflies)(uint32_t* words, uint32_t root, size_t rounds);

  // `rounds` times, on the four quarters of the words as four tables of extension elements, planes each:
  // table 0 times table 1, 2 times 3, 1 times 2, 3 times 0, each in the place of its first factor.
  void (*multiply_ext)(uint32_t* words, size_t rounds);

  // `rounds` times: sums[row] += sum over columns of coefficients[c] * matrix[c * kMacRows + row]; a
  // coefficient is four words, `sums` are four planes of kMacRows words.
  void (*multiply_accumulate)(const uint32_t* matrix, const uint32_t* coefficients, uint32_t* sums,
                              size_t rounds);

  // The sum of `count` words, read once in order.
  uint32_t (*sum)(const uint32_t* words, size_t count);
};

}  // namespace openswirl::stages
