// Merkle trees (protocol part 03, 8): row digests, then layers of two-to-one compression.
#include "poseidon2.h"
#include "merkle_args.h"

// One thread hashes one row: overwrite-mode sponge, rate 8.
template <u32 FORM>
FN void merkle_hash_row(DEVICE const u32* row, DEVICE u32* digest, u64 column_stride, u32 width) {
  Fp s[16];
  UNROLL for (u32 i = 0; i < 16; ++i) s[i] = fp_zero();
  for (u32 c = 0; c < width; c += 8) {
    UNROLL for (u32 i = 0; i < 8; ++i) {
      if (c + i < width) s[i] = fp_load(row + (c + i) * column_stride);
    }
    poseidon2<FORM>(s);
  }
  digest_store(digest, s);
}

KERNEL(merkle_rows_multiply, 128, BUF(0, DEVICE const u32* matrix), BUF(1, DEVICE u32* digests),
       ARGS(2, MerkleRowsArgs, args)) {
  const u32 row = gpu_gid.x;
  if (row >= args.rows) return;
  merkle_hash_row<POSEIDON2_MULTIPLY>(matrix + row * args.row_stride, digests + 8 * (u64)row,
                                      args.column_stride, args.width);
}

KERNEL(merkle_rows_shift, 128, BUF(0, DEVICE const u32* matrix), BUF(1, DEVICE u32* digests),
       ARGS(2, MerkleRowsArgs, args)) {
  const u32 row = gpu_gid.x;
  if (row >= args.rows) return;
  merkle_hash_row<POSEIDON2_SHIFT>(matrix + row * args.row_stride, digests + 8 * (u64)row, args.column_stride,
                                   args.width);
}

// Row digests and the layers over the rows of every query, up to its leaf. A group of 256 threads hashes as many
// rows, those of 256 >> log_rows neighbouring queries, so that reads run along queries. Every round of the loop is
// one permutation: of a row, or of two digests that threads left in `nodes`, 8 planes of 256 words.
template <u32 FORM>
FN void merkle_leaves(DEVICE const u32* matrix, DEVICE u32* leaves, THREADGROUP u32* nodes,
                      CONSTANT MerkleLeavesArgs& args, u32 group, u32 thread_index) {
  const u32 log_queries = 8u - args.log_rows, query_mask = (1u << log_queries) - 1u;
  const u32 query = (group << log_queries) + (thread_index & query_mask), t = thread_index >> log_queries;
  DEVICE const u32* row = matrix + (t * args.queries + query) * args.row_stride;
  const u32 absorbs = (args.width + 7u) >> 3;
  Fp s[16];
  UNROLL for (u32 i = 0; i < 16; ++i) s[i] = fp_zero();
  for (u32 step = 0; step < absorbs + args.log_rows; ++step) {
    bool permutes = query < args.queries;
    if (step < absorbs) {
      UNROLL for (u32 i = 0; i < 8; ++i) {
        const u32 column = 8u * step + i;
        if (permutes && column < args.width) s[i] = fp_load(row + column * args.column_stride);
      }
    } else {
      const u32 layer = step - absorbs;
      if (thread_index < (256u >> layer)) {
        UNROLL for (u32 i = 0; i < 8; ++i) nodes[256u * i + thread_index] = s[i].v;
      }
      gpu_barrier_threadgroup();
      permutes = permutes && thread_index < (128u >> layer);
      if (permutes) {
        const u32 left = (t << (log_queries + 1u)) | (thread_index & query_mask), right = left + query_mask + 1u;
        UNROLL for (u32 i = 0; i < 8; ++i) {
          s[i] = fp_word(nodes[256u * i + left]);
          s[8u + i] = fp_word(nodes[256u * i + right]);
        }
      }
      gpu_barrier_threadgroup();  // everybody has read the nodes
    }
    if (permutes) poseidon2<FORM>(s);
  }
  if (t == 0 && query < args.queries) digest_store(leaves + 8 * (u64)query, s);
}

KERNEL(merkle_leaves_multiply, 256, BUF(0, DEVICE const u32* matrix), BUF(1, DEVICE u32* leaves),
       ARGS(2, MerkleLeavesArgs, args)) {
  SHARED(u32, nodes, 2048);
  merkle_leaves<POSEIDON2_MULTIPLY>(matrix, leaves, nodes, args, gpu_bid.x, gpu_tid.x);
}

KERNEL(merkle_leaves_shift, 256, BUF(0, DEVICE const u32* matrix), BUF(1, DEVICE u32* leaves),
       ARGS(2, MerkleLeavesArgs, args)) {
  SHARED(u32, nodes, 2048);
  merkle_leaves<POSEIDON2_SHIFT>(matrix, leaves, nodes, args, gpu_bid.x, gpu_tid.x);
}

// parents[y + distance * t] = C(children[y + distance * 2t], children[y + distance * (2t + 1)]) for
// y < distance. The layers over the rows of one query have the distance of those rows, all others distance 1.
template <u32 FORM>
FN void merkle_compress_one(DEVICE const u32* children, DEVICE u32* parents, u32 parent, u32 log_distance) {
  const u32 y = parent & ((1u << log_distance) - 1u), t = parent >> log_distance;
  const u32 left = (t << (log_distance + 1u)) + y;
  Fp s[16];
  digest_load(children + 8 * (u64)left, s);
  digest_load(children + 8 * (u64)(left + (1u << log_distance)), s + 8);
  poseidon2<FORM>(s);
  digest_store(parents + 8 * (u64)parent, s);
}

KERNEL(merkle_compress_multiply, 128, BUF(0, DEVICE const u32* children), BUF(1, DEVICE u32* parents),
       ARGS(2, MerkleCompressArgs, args)) {
  if (gpu_gid.x >= args.parents) return;
  merkle_compress_one<POSEIDON2_MULTIPLY>(children, parents, gpu_gid.x, args.log_distance);
}

KERNEL(merkle_compress_shift, 128, BUF(0, DEVICE const u32* children), BUF(1, DEVICE u32* parents),
       ARGS(2, MerkleCompressArgs, args)) {
  if (gpu_gid.x >= args.parents) return;
  merkle_compress_one<POSEIDON2_SHIFT>(children, parents, gpu_gid.x, args.log_distance);
}

// Several small layers in one dispatch: a group turns 256 neighbouring digests (or all, if fewer) into one after
// another of the layers above them. `layers` holds the new layers one after another, the widest first.
template <u32 FORM>
FN void merkle_subtree(DEVICE const u32* children, DEVICE u32* layers, THREADGROUP u32* nodes, u32 count,
                       u32 num_layers, u32 group, u32 thread_index) {
  const u32 width = gpu_min(count, 256u);  // children of this group
  u64 layer_start = 0;
  for (u32 layer = 0; layer < num_layers; ++layer) {
    const u32 parents = width >> (layer + 1u);
    Fp s[16];
    if (thread_index < parents) {
      if (layer == 0) {
        const u64 left = (u64)group * width + 2 * thread_index;
        digest_load(children + 8 * left, s);
        digest_load(children + 8 * (left + 1), s + 8);
      } else {
        for (u32 i = 0; i < 16; ++i) s[i] = fp_word(nodes[16 * thread_index + i]);
      }
      poseidon2<FORM>(s);
      digest_store(layers + 8 * (layer_start + (u64)group * parents + thread_index), s);
    }
    gpu_barrier_threadgroup();  // everybody has read the nodes
    if (thread_index < parents) {
      for (u32 i = 0; i < 8; ++i) nodes[8 * thread_index + i] = s[i].v;
    }
    gpu_barrier_threadgroup();
    layer_start += count >> (layer + 1u);
  }
}

KERNEL(merkle_subtree_multiply, 128, BUF(0, DEVICE const u32* children), BUF(1, DEVICE u32* layers),
       ARGS(2, MerkleSubtreeArgs, args)) {
  SHARED(u32, nodes, 1024);
  merkle_subtree<POSEIDON2_MULTIPLY>(children, layers, nodes, args.children, args.layers, gpu_bid.x, gpu_tid.x);
}

KERNEL(merkle_subtree_shift, 128, BUF(0, DEVICE const u32* children), BUF(1, DEVICE u32* layers),
       ARGS(2, MerkleSubtreeArgs, args)) {
  SHARED(u32, nodes, 1024);
  merkle_subtree<POSEIDON2_SHIFT>(children, layers, nodes, args.children, args.layers, gpu_bid.x, gpu_tid.x);
}
