#include "poly/stacked_layout.h"

#include <algorithm>

namespace openswirl {

StackedSlice SlicePlacer::place(uint32_t matrix, uint32_t column, uint32_t log_height) {
  const uint64_t stacked_height = uint64_t{1} << log_stacked_height_;
  const StackedSlice slice{matrix, column, static_cast<uint32_t>(offset_ >> log_stacked_height_),
                           static_cast<uint32_t>(offset_ & (stacked_height - 1)), log_height};
  offset_ += uint64_t{1} << std::max(log_height, l_skip_);
  return slice;
}

StackedLayout make_stacked_layout(uint32_t l_skip, uint32_t log_stacked_height,
                                  std::span<const MatrixShape> matrices) {
  StackedLayout layout;
  layout.l_skip = l_skip;
  layout.log_stacked_height = log_stacked_height;
  layout.matrices.assign(matrices.begin(), matrices.end());
  // Slice lengths are powers of two in non-increasing order, so slices simply follow one another and a
  // stacked column is exactly full when the next one starts.
  SlicePlacer placer(l_skip, log_stacked_height);
  for (uint32_t m = 0; m < matrices.size(); ++m) {
    layout.matrix_starts.push_back(layout.slices.size());
    for (uint32_t c = 0; c < matrices[m].width; ++c) {
      layout.slices.push_back(placer.place(m, c, matrices[m].log_height));
    }
  }
  layout.width = placer.width();
  return layout;
}

}  // namespace openswirl
