// Arguments of kernels/stacked_sum.metal, seen by host and device. A class is all columns of one height:
// `rows` cells each, 2^log_stride words apart. Combined cells are elements: per chunk of columns the plain
// ones, then, if `halves` is 2, the rotated ones.
struct StackedCombineArgs {
  u32 rows, log_stride;
  u32 columns, chunk_columns;  // both even
  u32 halves;
};

struct StackedWeightsArgs {
  u32 rows;
  u32 log_block;  // of the first table, by the low bits of a row
  u32 log_low;    // of the second, by the next bits
};

struct StackedFirstArgs {
  u32 log_block, log_cube;  // a class has 2^(log_block + log_cube) rows
  u32 log_parts;            // every part sums 2^(log_cube - log_parts) points of the cube
  u32 chunks, halves;
};

struct StackedReduceArgs {
  u32 log_block, parts;
};

struct StackedBindArgs {
  u32 eq[4], rotation[4], carry[4];  // factors of the kernels at u_0
  u32 log_block, log_cube;           // log_cube at least 1
  u32 chunks, halves;
};

struct StackedRoundArgs {
  u32 challenge[4];
  u32 size;  // of the tables before, at least 2
  u32 halves;
};

struct StackedValuesArgs {
  u32 rows, log_stride;
  u32 columns;
  u32 chunk_rows;
};
