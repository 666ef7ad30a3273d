// Stacked reduction kernels: batched row combinations and inner products of base columns (protocol part
// 05, 9.3).
#pragma once

#include <cstddef>
#include <cstdint>

namespace openswirl::stages {

struct StackingKernels {
  // For rows [begin, end), end - begin <= 256: out_plain[row] = sum over columns of weights[2c] * column c,
  // out_rotated the same with weights[2c + 1]; extension elements. out_rotated may be null. scratch: 8 * 256
  // words of 64 bits, 64-byte aligned.
  void (*combine)(const uint32_t* const* columns, size_t count, const uint32_t* weights, size_t begin,
                  size_t end, void* scratch, uint32_t* out_plain, uint32_t* out_rotated);

  // sums[c] += sum over rows [begin, end) of table[row] * column c; the table has four planes of `stride`
  // words.
  void (*products)(const uint32_t* const* columns, size_t count, const uint32_t* table, size_t stride,
                   size_t begin, size_t end, uint32_t* sums);
};

}  // namespace openswirl::stages
