// Slice hash, two-to-one compression and Merkle paths (protocol part 01, 4 and 5).
#pragma once

#include <span>

#include "field/ext.h"
#include "hash/poseidon2.h"

namespace openswirl {

// H of values that come one after the other: absorb() them, then finish().
class SliceHasher {
 public:
  void absorb(Fp value);
  Digest finish();

 private:
  SpongeState state_{};
  size_t position_ = 0;
};

// H: padding-free overwrite sponge, rate 8. The digest of the empty slice is all zero.
Digest hash_slice(std::span<const Fp> values);
// H of every row of a row-major matrix of digests.size() rows, several at once.
void hash_rows(std::span<const Fp> matrix, std::span<Digest> digests);
// Extension elements coefficient by coefficient.
std::span<const Fp> flattened(std::span<const Ext> values);
// H of an extension row, flattened.
Digest hash_ext_slice(std::span<const Ext> values);

// C(left, right): truncated permutation of left || right.
Digest compress(const Digest& left, const Digest& right);

// C of the children 2 i and 2 i + 1 into parents[i], several at once; parents may be the first half of
// children.
void compress_pairs(std::span<const Digest> children, std::span<Digest> parents);

// Balanced binary compression of 2^k digests in order; one digest is returned as it is.
Digest tree_compress(std::span<const Digest> leaves);

// The root reached from a leaf digest: sibling j is the right input where bit j of index is 0 (01, 5.3).
Digest merkle_root_from_path(Digest leaf, uint64_t index, std::span<const Digest> path);

// The same of many leaves, several at once: each leaf becomes its root. Leaf q has indices[q] and the path of
// paths.size() / leaves.size() digests from that times q on.
void merkle_roots_from_paths(std::span<Digest> leaves, std::span<const uint32_t> indices,
                             std::span<const Digest> paths);

// What a proof-of-work search needs of a transcript: the sponge state with every pending element already
// written, and the position the witness goes to. One permutation tests one candidate:
// state[position] = w, permute, the low bits of canonical(state[7]) must be zero (01, 6.3).
struct GrindPoint {
  SpongeState state;
  uint32_t position;
};

}  // namespace openswirl
