// Arguments of kernels/stacking.metal, seen by host and device.
struct StackImportArgs {
  u64 row_stride, column_stride;  // words between rows and between columns of the trace
  u32 rows, columns;
  u32 log_lifted;  // log2 of the cells of a column
  u32 log_stride;  // log2 of the distance between its values
};
