#include "gpu/stacking.h"

#include <algorithm>
#include <bit>

#include "gpu/elements.h"

namespace openswirl::gpu {
namespace {

constexpr uint64_t kTile = 32;  // rows and columns that a group of stacking_import moves
constexpr uint64_t kMaxStackedColumns = kTile * 65535;

uint64_t tiles(uint64_t count) { return (count + kTile - 1) / kTile; }

void import_columns(Work& work, const stages::SourceMatrix& matrix, const Range& trace, const Range& stacked,
                    uint32_t log_lifted, uint32_t log_stride) {
  StackImportArgs args{};
  args.row_stride = matrix.row_major ? matrix.columns : 1;
  args.column_stride = matrix.row_major ? 1 : matrix.rows;
  args.rows = u32_of(matrix.rows);
  args.log_lifted = log_lifted, args.log_stride = log_stride;
  for (uint64_t first = 0; first < matrix.columns; first += kMaxStackedColumns) {
    const uint64_t count = std::min(matrix.columns - first, kMaxStackedColumns);
    args.columns = u32_of(count);
    // kMaxStackedColumns is a multiple of four words: buffers stay aligned.
    const uint64_t skip = 4 * first * args.column_stride;
    work.recorder().groups(
        calls::StackingImport{trace.part(skip, trace.bytes - skip),
                              stacked.part(4 * (first << log_lifted), 4 * (count << log_lifted)), args}
            .call(),
        tiles(matrix.rows), u32_of(tiles(count)));
  }
}

}  // namespace

Array stack(Work& work, const StackedLayout& layout, std::span<const TraceSource> matrices) {
  Array stacked = work.words(layout.width << layout.log_stacked_height, "stacked matrix");
  uint64_t filled = 0;  // words that have a column's cells so far: slices follow each other without gaps
  for (size_t m = 0; m < matrices.size(); ++m) {
    const TraceSource& matrix = matrices[m];
    if (matrix.columns == 0) continue;
    const StackedSlice& first = layout.slices[layout.matrix_starts[m]];
    const auto log_lifted = static_cast<uint32_t>(std::countr_zero(layout.lifted_length(first)));
    const auto log_stride = static_cast<uint32_t>(std::countr_zero(layout.stride(first)));
    const Range cells = stacked.words(filled, matrix.columns << log_lifted);
    filled += matrix.columns << log_lifted;
    if (log_stride > 0) work.recorder().fill(cells, 0);
    const uint64_t bytes = 4 * matrix.rows * matrix.columns;
    const std::shared_ptr<Memory> lent = matrix.uploaded.memory ? nullptr : work.borrow(matrix.data, bytes);
    Range trace = lent ? Range{lent, 0, bytes} : matrix.uploaded;
    Array copy;
    if (!trace.memory) {
      copy = work.words(matrix.rows * matrix.columns, "imported trace");
      work.recorder().upload_borrowed({reinterpret_cast<const std::byte*>(matrix.data), bytes}, copy.range());
      trace = copy.range();
    }
    import_columns(work, matrix, trace, cells, log_lifted, log_stride);
  }
  work.recorder().fill(stacked.words(filled, stacked.words() - filled), 0);
  return stacked;
}

}  // namespace openswirl::gpu
