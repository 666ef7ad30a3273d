// Column kernels: import of traces, weighted sums of base columns, and the WHIR sumcheck in coefficient and
// moment form (protocol part 06, 10.2). Extension tables are four planes: coefficient k of entry i at table[k
// * stride + i].
#pragma once

#include <cstddef>
#include <cstdint>

namespace openswirl::stages {

struct ColumnKernels {
  // Canonical row-major rows [begin, end) of `columns` columns to Montgomery columns at out + c * out_stride.
  void (*import_rows)(const uint32_t* in, size_t columns, size_t begin, size_t end, uint32_t* out,
                      size_t out_stride);
  // Canonical words to Montgomery words.
  void (*import_words)(const uint32_t* in, uint32_t* out, size_t count);

  // out[i] += sum over c < columns of coefficients[c] * in[c * in_stride + i] for i in [begin, end);
  // a coefficient is four words, `out` planes.
  void (*accumulate)(const uint32_t* in, size_t in_stride, size_t columns, const uint32_t* coefficients,
                     size_t begin, size_t end, uint32_t* out, size_t out_stride);

  // One doubling of an eq table of planes: for b in [begin, end), b < half, entries b and b + half become
  // (1 - x) and x times entry b.
  void (*double_eq)(uint32_t* table, size_t stride, size_t half, const uint32_t* x, size_t begin, size_t end);

  // Adds to sums[0..4) and sums[4..8) the pairs [begin, end) of S(1) and S(2) of coefficients and moments.
  void (*moment_sums)(const uint32_t* coefficients, const uint32_t* moments, size_t stride, size_t begin,
                      size_t end, uint32_t* sums);
  // Binds the lowest variable of both tables to alpha, entries [begin, end) of the results.
  void (*bind_moments)(const uint32_t* coefficients, const uint32_t* moments, size_t stride,
                       const uint32_t* alpha, size_t begin, size_t end, uint32_t* out_coefficients,
                       uint32_t* out_moments, size_t out_stride);
};

}  // namespace openswirl::stages
