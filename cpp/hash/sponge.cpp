#include "hash/sponge.h"

#include <algorithm>
#include <vector>

namespace openswirl {

void SliceHasher::absorb(Fp value) {
  state_[position_++] = value;
  if (position_ == kRate) {
    poseidon2_permute(state_);
    position_ = 0;
  }
}

Digest SliceHasher::finish() {
  if (position_ > 0) poseidon2_permute(state_);
  position_ = 0;
  Digest digest;
  std::copy_n(state_.begin(), kDigestWidth, digest.begin());
  return digest;
}

Digest hash_slice(std::span<const Fp> values) {
  SpongeState state{};
  for (size_t start = 0; start < values.size(); start += kRate) {
    const auto block = values.subspan(start, std::min(kRate, values.size() - start));
    std::copy(block.begin(), block.end(), state.begin());
    poseidon2_permute(state);
  }
  Digest digest;
  std::copy_n(state.begin(), kDigestWidth, digest.begin());
  return digest;
}

Digest hash_ext_slice(std::span<const Ext> values) {
  // An Ext is four consecutive Fp words, so a row of Ext is already its own flattening.
  return hash_slice({reinterpret_cast<const Fp*>(values.data()), values.size() * 4});
}

Digest compress(const Digest& left, const Digest& right) {
  SpongeState state;
  std::copy(left.begin(), left.end(), state.begin());
  std::copy(right.begin(), right.end(), state.begin() + kDigestWidth);
  poseidon2_permute(state);
  Digest digest;
  std::copy_n(state.begin(), kDigestWidth, digest.begin());
  return digest;
}

Digest tree_compress(std::span<const Digest> leaves) {
  if (leaves.size() == 1) return leaves[0];
  std::vector<Digest> level(leaves.begin(), leaves.end());
  for (size_t size = level.size(); size > 1; size /= 2) {
    for (size_t i = 0; i < size / 2; ++i) level[i] = compress(level[2 * i], level[2 * i + 1]);
  }
  return level[0];
}

Digest merkle_root_from_path(Digest leaf, uint64_t index, std::span<const Digest> path) {
  for (const Digest& sibling : path) {
    leaf = index & 1 ? compress(sibling, leaf) : compress(leaf, sibling);
    index >>= 1;
  }
  return leaf;
}

}  // namespace openswirl
