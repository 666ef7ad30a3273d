#include "gpu/merkle.h"

#include <algorithm>
#include <bit>

#include "gpu/elements.h"

namespace openswirl::gpu {
namespace {

constexpr uint64_t kDigestBytes = 32;
constexpr uint32_t kSubtreeLayers = 8;  // of one merkle_subtree dispatch: 256 digests to one
constexpr uint64_t kLeafRows = 256;     // of a group of merkle_leaves
constexpr uint64_t kSubtreeChildren =
    1 << 14;  // wider layers keep every thread busy in a dispatch of their own

// Layer `level` of a tree of this depth starts after 2^(depth + 1) - 2^(depth + 1 - level) digests.
uint64_t layer_start(uint32_t depth, uint32_t level) {
  return (uint64_t{2} << depth) - ((uint64_t{2} << depth) >> level);
}

void compress(Work& work, const Range& children, const Range& parents, uint64_t count, uint64_t distance) {
  const MerkleCompressArgs args{u32_of(count), log2_of(distance)};
  work.recorder().threads(calls::MerkleCompress{children, parents, args}.call(), count);
}

// Whether one dispatch makes the query digests, and no row digest reaches memory.
bool leaves_at_once(uint64_t rows_per_query) { return rows_per_query > 1 && rows_per_query <= kLeafRows; }

}  // namespace

uint64_t DeviceTree::scratch_bytes(uint64_t rows, uint64_t rows_per_query) {
  if (rows_per_query == 1 || leaves_at_once(rows_per_query)) return 0;
  return kDigestBytes * (rows + rows / 2);
}

DeviceTree::DeviceTree(Work& work, const MatrixView& matrix, uint64_t rows_per_query)
    : depth_(static_cast<uint32_t>(std::countr_zero(matrix.rows / rows_per_query))) {
  const uint64_t queries = matrix.rows / rows_per_query;
  digests_ = work.words(8 * (2 * queries - 1), "digest layers");
  // A matrix without columns has no words; its rows hash to zero without reading any.
  const Range words = matrix.width > 0 ? matrix.words : work.tables().roots.range();
  if (leaves_at_once(rows_per_query)) {
    const auto log_rows = static_cast<uint32_t>(std::countr_zero(rows_per_query));
    const MerkleLeavesArgs args{
        matrix.row_stride, matrix.column_stride, u32_of(queries), u32_of(matrix.width), log_rows, 0};
    work.recorder().groups(calls::MerkleLeaves{words, layer(0), args}.call(),
                           ((queries << log_rows) + kLeafRows - 1) / kLeafRows);
  } else {
    hash_rows(work, matrix, words, rows_per_query);
  }
  for (uint32_t level = 0; level < depth_;) {
    const uint64_t children = queries >> level;
    if (children > kSubtreeChildren) {
      compress(work, layer(level), layer(level + 1), children / 2, 1);
      ++level;
      continue;
    }
    const uint32_t layers = std::min(depth_ - level, kSubtreeLayers);
    const uint64_t start = layer_start(depth_, level + 1), end = layer_start(depth_, level + layers + 1);
    const MerkleSubtreeArgs subtree{u32_of(children), layers};
    const Range above = digests_.range().part(start * kDigestBytes, (end - start) * kDigestBytes);
    work.recorder().groups(calls::MerkleSubtree{layer(level), above, subtree}.call(),
                           std::max<uint64_t>(children >> kSubtreeLayers, 1));
    level += layers;
  }
}

// Row after row, then layer after layer over the rows of a query.
void DeviceTree::hash_rows(Work& work, const MatrixView& matrix, const Range& words,
                           uint64_t rows_per_query) {
  const uint64_t queries = matrix.rows / rows_per_query;
  const bool direct = rows_per_query == 1;
  Array below;
  if (!direct) below = work.words(8 * matrix.rows, "row digests");
  const MerkleRowsArgs args{matrix.row_stride, matrix.column_stride, u32_of(matrix.rows),
                            u32_of(matrix.width)};
  work.recorder().threads(calls::MerkleRows{words, direct ? layer(0) : below.range(), args}.call(),
                          matrix.rows);
  for (uint64_t left = rows_per_query; left > 1; left /= 2) {
    const uint64_t parents = queries * left / 2;
    Array above;
    if (left > 2) above = work.words(8 * parents, "row digests");
    compress(work, below.range(), left > 2 ? above.range() : layer(0), parents, queries);
    below = std::move(above);
  }
}

DeviceTree::DeviceTree(Work& work, std::span<const std::vector<Digest>> layers)
    : depth_(static_cast<uint32_t>(layers.size()) - 1) {
  digests_ = work.words(8 * ((uint64_t{2} << depth_) - 1), "digest layers");
  for (uint32_t level = 0; level <= depth_; ++level) {
    work.recorder().upload(std::as_bytes(std::span(layers[level])), layer(level));
  }
}

std::vector<std::vector<Digest>> DeviceTree::download(Work& work) const {
  std::vector<std::vector<Digest>> layers;
  for (uint32_t level = 0; level <= depth_; ++level) {
    layers.emplace_back(size_t{1} << (depth_ - level));
    work.recorder().download(layer(level), std::as_writable_bytes(std::span(layers.back())));
  }
  return layers;
}

Range DeviceTree::layer(uint32_t level) const {
  return digests_.range().part(layer_start(depth_, level) * kDigestBytes,
                               (uint64_t{1} << (depth_ - level)) * kDigestBytes);
}

}  // namespace openswirl::gpu
