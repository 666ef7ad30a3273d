// Where each column of a list of matrices lies in the stacked matrix (protocol part 03, 6).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace openswirl {

struct MatrixShape {
  uint64_t width = 0;
  uint32_t log_height = 0;
};

// The cells of one column: 2^max(log_height, l_skip) rows of one stacked column; a column shorter than
// 2^l_skip occupies every stride-th of them.
struct StackedSlice {
  uint32_t matrix = 0, column = 0;  // which column this is
  uint32_t stacked_column = 0;
  uint32_t start_row = 0;
  uint32_t log_height = 0;
  bool operator==(const StackedSlice&) const = default;
};

struct StackedLayout {
  uint32_t l_skip = 0;
  uint32_t log_stacked_height = 0;
  std::vector<MatrixShape> matrices;
  std::vector<StackedSlice> slices;     // placement order
  std::vector<uint64_t> matrix_starts;  // index into `slices`, one entry per matrix
  uint64_t width = 0;                   // stacked columns

  uint64_t lifted_length(const StackedSlice& slice) const {
    return uint64_t{1} << (slice.log_height > l_skip ? slice.log_height : l_skip);
  }
  uint64_t stride(const StackedSlice& slice) const {
    return slice.log_height < l_skip ? uint64_t{1} << (l_skip - slice.log_height) : 1;
  }
};

// Where slices go that follow one another, column by column.
class SlicePlacer {
 public:
  SlicePlacer(uint32_t l_skip, uint32_t log_stacked_height)
      : l_skip_(l_skip), log_stacked_height_(log_stacked_height) {}

  StackedSlice place(uint32_t matrix, uint32_t column, uint32_t log_height);
  // Stacked columns in use.
  uint64_t width() const {
    return (offset_ + (uint64_t{1} << log_stacked_height_) - 1) >> log_stacked_height_;
  }

 private:
  uint32_t l_skip_, log_stacked_height_;
  uint64_t offset_ = 0;
};

// Matrices sorted by log_height descending, none with width > 0 taller than the stacked height.
StackedLayout make_stacked_layout(uint32_t l_skip, uint32_t log_stacked_height,
                                  std::span<const MatrixShape> matrices);

}  // namespace openswirl
