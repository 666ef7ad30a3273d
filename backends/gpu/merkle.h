// Merkle trees on the device (protocol part 03, 8).
#pragma once

#include "gpu/engine.h"
#include "hash/poseidon2.h"

namespace openswirl::gpu {

// A matrix of base elements: entry (r, c) at words.offset + 4 (r * row_stride + c * column_stride). Rows of
// extension elements are four columns.
struct MatrixView {
  Range words;
  uint64_t rows = 0, width = 0;
  uint64_t row_stride = 1, column_stride = 0;
};

// The stored layers: query digests first, the root last, one after another.
class DeviceTree {
 public:
  DeviceTree() = default;
  // Records the hashing of a tree; rows_per_query (a power of two, at most `rows`) rows at distance
  // rows / rows_per_query make one query digest. rows: a power of two, at most 2^31.
  DeviceTree(Work& work, const MatrixView& matrix, uint64_t rows_per_query);

  // Takes layers made earlier, query digests first.
  DeviceTree(Work& work, std::span<const std::vector<Digest>> layers);

  // Bytes of row digests that hashing a tree leaves in memory meanwhile.
  static uint64_t scratch_bytes(uint64_t rows, uint64_t rows_per_query);

  uint32_t depth() const { return depth_; }
  // Every layer, query digests first; written by the end of the next wait.
  std::vector<std::vector<Digest>> download(Work& work) const;
  // The digests of a level, eight words each.
  Range layer(uint32_t level) const;
  const Array& digests() const { return digests_; }

 private:
  void hash_rows(Work& work, const MatrixView& matrix, const Range& words, uint64_t rows_per_query);

  uint32_t depth_ = 0;
  Array digests_;
};

}  // namespace openswirl::gpu
