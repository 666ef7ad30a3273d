// Stacking (protocol part 03, 6): a trace of canonical words becomes Montgomery words, column after column.
#include "fp.h"
#include "stacking_args.h"

// A group moves a tile of 32 rows and 32 columns, so that both sides are read and written along memory whether
// the trace is row-major or column-major. Cells between the values of a short column stay as they are: zero.
KERNEL(stacking_import, 256, BUF(0, DEVICE const u32* trace), BUF(1, DEVICE u32* stacked),
       ARGS(2, StackImportArgs, args)) {
  SHARED(u32, tile, 32 * 33);  // a column more than needed keeps threads on different banks
  const u32 first_row = 32u * gpu_bid.x, first_column = 32u * gpu_bid.y;
  const bool row_major = args.column_stride == 1;
  for (u32 i = gpu_tid.x; i < 1024u; i += gpu_tgs.x) {
    const u32 row = row_major ? i >> 5 : i & 31u, column = row_major ? i & 31u : i >> 5;
    if (first_row + row < args.rows && first_column + column < args.columns) {
      tile[33u * column + row] = gpu_load(trace + (first_row + row) * args.row_stride +
                                          (first_column + column) * args.column_stride);
    }
  }
  gpu_barrier_threadgroup();
  for (u32 i = gpu_tid.x; i < 1024u; i += gpu_tgs.x) {
    const u32 row = i & 31u, column = i >> 5;
    if (first_row + row < args.rows && first_column + column < args.columns) {
      fp_store(stacked + ((u64)(first_column + column) << args.log_lifted) +
                   ((u64)(first_row + row) << args.log_stride),
               fp_from_canonical(tile[33u * column + row]));
    }
  }
}
