// Merkle trees over the rows of a column-major matrix, rows of one query at distance (protocol part 03, 8).
#pragma once

#include <span>
#include <vector>

#include "hash/poseidon2.h"
#include "runtime/context.h"

namespace openswirl::stages {

// The stored layers: query digests first, the root last.
class DigestTree {
 public:
  DigestTree() = default;
  // Takes the layers as they are, query digests first.
  DigestTree(const Context& context, std::span<const std::vector<Digest>> layers);
  // Hashes `rows` rows of `width` elements, column c at matrix + c * stride; rows_per_query (a power of two,
  // at most `rows`) of them at distance rows / rows_per_query make one query digest.
  DigestTree(const Context& context, const Fp* matrix, size_t rows, size_t stride, size_t width,
             size_t rows_per_query);

  uint32_t depth() const { return depth_; }
  std::span<const Digest> layer(uint32_t level) const;
  const Digest& root() const { return layer(depth_)[0]; }
  // Appends the siblings of query digest `index`, bottom up.
  void append_path(size_t index, std::vector<Digest>& path) const;

  // Bytes of a tree over this many query digests.
  static uint64_t bytes(uint64_t queries) { return 2 * queries * sizeof(Digest); }

 private:
  uint32_t depth_ = 0;
  Buffer<Digest> digests_;  // layer after layer
};

}  // namespace openswirl::stages
