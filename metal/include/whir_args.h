// Arguments of the WHIR kernels, seen by host and device. Tables of extension elements are four planes of
// whole quads, four neighbouring entries each. Coefficients beyond the size are zero, so that moments there do not
// matter.
struct WhirBatchArgs {
  u32 rows, columns;  // columns: even
  u32 inverse_count;  // of whir_batch_messages: Montgomery word of 1/16
};

struct WhirStartArgs {
  u32 quads, log_low;  // at least 2
};

struct WhirRoundArgs {
  u32 alpha[4];
  u32 quads;  // before
};

struct WhirEvaluateArgs {
  u32 point[4];
  u32 step[4];            // point^(4 * threads)
  u32 squarings[4 * 32];  // point^(4 * 2^j)
  u32 quads;
  u32 log_threads;  // of the dispatch
};

struct WhirPowersArgs {
  u32 log_low, log_high;  // of the entries of a query in both tables
  u32 shift;              // the points are powers of g^(2^shift), g of order 2^27
};

struct WhirUpdateArgs {
  u32 lists;
  u32 quads;
  u32 log_low, log_high;  // of the entries of a list in both tables; log_low at least 2
};

struct WhirRowsArgs {
  u32 width;
  u32 log_rows, stride;  // rows of a query, and the distance between them
};

struct WhirPathsArgs {
  u32 depth;
};
