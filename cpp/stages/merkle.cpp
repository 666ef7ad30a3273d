#include "stages/merkle.h"

#include <algorithm>
#include <bit>

#include "stages/kernels.h"
#include "stages/words.h"

namespace openswirl::stages {
namespace {

// Layer `level` of a tree of this depth starts after 2^(depth + 1) - 2^(depth + 1 - level) digests.
size_t layer_start(uint32_t depth, uint32_t level) {
  return (size_t{2} << depth) - ((size_t{2} << depth) >> level);
}

constexpr size_t kQueriesPerRange = 32;
constexpr size_t kParentsPerRange = 512;

}  // namespace

DigestTree::DigestTree(const Context& context, std::span<const std::vector<Digest>> layers)
    : depth_(static_cast<uint32_t>(layers.size()) - 1),
      digests_(context.buffer<Digest>((size_t{2} << depth_) - 1, "digest layers")) {
  for (uint32_t level = 0; level <= depth_; ++level) {
    std::copy(layers[level].begin(), layers[level].end(), digests_.data() + layer_start(depth_, level));
  }
}

DigestTree::DigestTree(const Context& context, const Fp* matrix, size_t rows, size_t stride, size_t width,
                       size_t rows_per_query) {
  const size_t queries = rows / rows_per_query;
  depth_ = static_cast<uint32_t>(std::countr_zero(queries));
  digests_ = context.buffer<Digest>(2 * queries - 1, "digest layers");
  const HashingKernels& kernels = stages::kernels().hashing;
  context.parallel_for(queries, kQueriesPerRange, [&](size_t begin, size_t end) {
    kernels.query_digests(words(matrix), stride, width, rows_per_query, queries, begin, end,
                          words(digests_.data()));
  });
  for (uint32_t level = 0; level < depth_; ++level) {
    const uint32_t* children = words(digests_.data() + layer_start(depth_, level));
    uint32_t* parents = words(digests_.data() + layer_start(depth_, level + 1));
    context.parallel_for(queries >> (level + 1), kParentsPerRange, [&](size_t begin, size_t end) {
      kernels.compress_layer(children, parents, begin, end);
    });
  }
}

std::span<const Digest> DigestTree::layer(uint32_t level) const {
  return {digests_.data() + layer_start(depth_, level), size_t{1} << (depth_ - level)};
}

void DigestTree::append_path(size_t index, std::vector<Digest>& path) const {
  for (uint32_t level = 0; level < depth_; ++level, index >>= 1) path.push_back(layer(level)[index ^ 1]);
}

}  // namespace openswirl::stages
