#include "hash/sponge.h"

#include <algorithm>
#include <vector>

namespace openswirl {
namespace {

// States permuted together: a few vectors of any instruction set, in the first-level cache.
constexpr size_t kBatch = 64;

// Permutes `count` states that fill(i, state) writes and hands them to take(i, state).
template <class Fill, class Take>
void permute_each(size_t count, Fill fill, Take take) {
  std::array<SpongeState, kBatch> states;
  for (size_t start = 0; start < count; start += kBatch) {
    const auto batch = std::span(states).first(std::min(kBatch, count - start));
    for (size_t i = 0; i < batch.size(); ++i) fill(start + i, batch[i]);
    poseidon2_permute(batch);
    for (size_t i = 0; i < batch.size(); ++i) take(start + i, batch[i]);
  }
}

Digest digest_of(const SpongeState& state) {
  Digest digest;
  std::copy_n(state.begin(), kDigestWidth, digest.begin());
  return digest;
}

void set_inputs(SpongeState& state, const Digest& left, const Digest& right) {
  std::copy(left.begin(), left.end(), state.begin());
  std::copy(right.begin(), right.end(), state.begin() + kDigestWidth);
}

}  // namespace

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
  return digest_of(state_);
}

Digest hash_slice(std::span<const Fp> values) {
  SpongeState state{};
  for (size_t start = 0; start < values.size(); start += kRate) {
    const auto block = values.subspan(start, std::min(kRate, values.size() - start));
    std::copy(block.begin(), block.end(), state.begin());
    poseidon2_permute(state);
  }
  return digest_of(state);
}

void hash_rows(std::span<const Fp> matrix, std::span<Digest> digests) {
  if (digests.empty()) return;
  const size_t width = matrix.size() / digests.size();
  std::array<SpongeState, kBatch> states;
  for (size_t first = 0; first < digests.size(); first += kBatch) {
    const auto batch = std::span(states).first(std::min(kBatch, digests.size() - first));
    std::fill(batch.begin(), batch.end(), SpongeState{});
    for (size_t start = 0; start < width; start += kRate) {
      for (size_t i = 0; i < batch.size(); ++i) {
        const auto block = matrix.subspan((first + i) * width + start, std::min(kRate, width - start));
        std::copy(block.begin(), block.end(), batch[i].begin());
      }
      poseidon2_permute(batch);
    }
    for (size_t i = 0; i < batch.size(); ++i) digests[first + i] = digest_of(batch[i]);
  }
}

std::span<const Fp> flattened(std::span<const Ext> values) {
  // An Ext is four consecutive Fp words.
  return {reinterpret_cast<const Fp*>(values.data()), values.size() * 4};
}

Digest hash_ext_slice(std::span<const Ext> values) { return hash_slice(flattened(values)); }

Digest compress(const Digest& left, const Digest& right) {
  SpongeState state;
  set_inputs(state, left, right);
  poseidon2_permute(state);
  return digest_of(state);
}

void compress_pairs(std::span<const Digest> children, std::span<Digest> parents) {
  permute_each(
      children.size() / 2,
      [&](size_t i, SpongeState& state) { set_inputs(state, children[2 * i], children[2 * i + 1]); },
      [&](size_t i, const SpongeState& state) { parents[i] = digest_of(state); });
}

Digest tree_compress(std::span<const Digest> leaves) {
  if (leaves.size() == 1) return leaves[0];
  std::vector<Digest> level(leaves.begin(), leaves.end());
  for (; level.size() > 1; level.resize(level.size() / 2)) compress_pairs(level, level);
  return level[0];
}

Digest merkle_root_from_path(Digest leaf, uint64_t index, std::span<const Digest> path) {
  for (const Digest& sibling : path) {
    leaf = index & 1 ? compress(sibling, leaf) : compress(leaf, sibling);
    index >>= 1;
  }
  return leaf;
}

void merkle_roots_from_paths(std::span<Digest> leaves, std::span<const uint32_t> indices,
                             std::span<const Digest> paths) {
  if (leaves.empty()) return;
  const size_t depth = paths.size() / leaves.size();
  for (size_t level = 0; level < depth; ++level) {
    permute_each(
        leaves.size(),
        [&](size_t q, SpongeState& state) {
          const Digest& sibling = paths[q * depth + level];
          if (uint64_t{indices[q]} >> level & 1) {
            set_inputs(state, sibling, leaves[q]);
          } else {
            set_inputs(state, leaves[q], sibling);
          }
        },
        [&](size_t q, const SpongeState& state) { leaves[q] = digest_of(state); });
  }
}

}  // namespace openswirl
