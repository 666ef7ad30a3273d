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
// H of an extension row, flattened coefficient by coefficient.
Digest hash_ext_slice(std::span<const Ext> values);

// C(left, right): truncated permutation of left || right.
Digest compress(const Digest& left, const Digest& right);

// Balanced binary compression of 2^k digests in order; one digest is returned as it is.
Digest tree_compress(std::span<const Digest> leaves);

// The root reached from a leaf digest: sibling j is the right input where bit j of index is 0 (01, 5.3).
Digest merkle_root_from_path(Digest leaf, uint64_t index, std::span<const Digest> path);

// What a proof-of-work search needs of a transcript: the sponge state with every pending element already
// written, and the position the witness goes to. One permutation tests one candidate:
// state[position] = w, permute, the low bits of canonical(state[7]) must be zero (01, 6.3).
struct GrindPoint {
  SpongeState state;
  uint32_t position;
};

}  // namespace openswirl
