// Arguments of kernels/merkle.metal, seen by host and device.
struct MerkleRowsArgs {
  u64 row_stride, column_stride;  // words between the rows and between the columns of the matrix
  u32 rows, width;
};

struct MerkleLeavesArgs {
  u64 row_stride, column_stride;  // as above
  u32 queries, width;
  u32 log_rows;  // log2 of the rows of a query, 1 .. 8; they are `queries` rows apart
  u32 unused;    // no padding
};

struct MerkleCompressArgs {
  u32 parents;
  u32 log_distance;  // log2 of the distance between the two children of a parent
};

struct MerkleSubtreeArgs {
  u32 children;  // digests of the layer below, a power of two
  u32 layers;    // layers to make, at most log2 of twice the group size
};
