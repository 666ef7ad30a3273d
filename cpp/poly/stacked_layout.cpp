#include "poly/stacked_layout.h"

namespace openswirl {

StackedLayout make_stacked_layout(uint32_t l_skip, uint32_t log_stacked_height,
                                  std::span<const MatrixShape> matrices) {
  StackedLayout layout;
  layout.l_skip = l_skip;
  layout.log_stacked_height = log_stacked_height;
  layout.matrices.assign(matrices.begin(), matrices.end());
  // Slice lengths are powers of two in non-increasing order, so slices simply follow one another and a
  // stacked column is exactly full when the next one starts.
  uint64_t offset = 0;
  for (uint32_t m = 0; m < matrices.size(); ++m) {
    layout.matrix_starts.push_back(layout.slices.size());
    for (uint32_t c = 0; c < matrices[m].width; ++c) {
      const StackedSlice slice{m, c, static_cast<uint32_t>(offset >> log_stacked_height),
                               offset & ((uint64_t{1} << log_stacked_height) - 1), matrices[m].log_height};
      layout.slices.push_back(slice);
      offset += layout.lifted_length(slice);
    }
  }
  layout.width = (offset + (uint64_t{1} << log_stacked_height) - 1) >> log_stacked_height;
  return layout;
}

}  // namespace openswirl
