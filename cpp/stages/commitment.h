// Stacked commitments on host memory: stacking, encoding, Merkle tree (protocol part 03, 6 to 8).
#pragma once

#include <memory>
#include <span>

#include "protocol/keys.h"
#include "runtime/context.h"
#include "stages/inputs.h"
#include "stages/merkle.h"

namespace openswirl::stages {

// A trace with canonical words below p. Row-major: entry (r, c) at r * columns + c; else at c * rows + r.
struct SourceMatrix {
  const uint32_t* data = nullptr;
  uint64_t rows = 0;  // a power of two, also without columns
  uint64_t columns = 0;
  bool row_major = true;
};

// Where the columns of these matrices go. Throws Error{kInput} if one is taller than the stacked height or
// they are not sorted by height, tallest first.
StackedLayout stacked_layout_of(const SystemParams& params, std::span<const SourceMatrix> matrices);

// Throws Error{kInput} unless the commitment's sizes are those of these parameters.
void require_fits(const SystemParams& params, const HostCommitment& data);

// Immutable; owns its matrices or shares those of a HostCommitment.
class HostCommitted {
 public:
  // Stacks, encodes and hashes matrices sorted by height descending. Throws Error{kInput} if one is taller
  // than the stacked height or they are not sorted. Records the spans rs_code_matrix and merkle_tree.
  HostCommitted(const Context& context, const SystemParams& params, std::span<const SourceMatrix> matrices);
  // Takes a commitment made earlier as it is. Throws Error{kInput} unless its sizes are those of these
  // parameters.
  HostCommitted(const Context& context, const SystemParams& params,
                std::shared_ptr<const HostCommitment> data);

  const Digest& root() const { return tree_.root(); }
  const StackedLayout& layout() const { return layout_; }
  CommitmentView view() const { return {&layout_, stacked_, codeword_, codeword_stride_, &tree_}; }
  HostCommitment to_host() const;

  // Bytes held by a commitment of this stacked width, those of its matrices alone, and the most while it is
  // made.
  static uint64_t held_bytes(const SystemParams& params, uint64_t width);
  static uint64_t matrix_bytes(const SystemParams& params, uint64_t width);
  static uint64_t peak_bytes(const SystemParams& params, uint64_t width, unsigned threads);

 private:
  void stack(const Context& context, std::span<const SourceMatrix> matrices);

  StackedLayout layout_;
  uint32_t log_codeword_ = 0;
  uint64_t rows_per_query_ = 0;
  Buffer<Fp> own_stacked_, own_codeword_;
  std::shared_ptr<const HostCommitment> shared_;
  const Fp* stacked_ = nullptr;
  const Fp* codeword_ = nullptr;
  uint64_t codeword_stride_ = 0;  // words between columns
  DigestTree tree_;
};

}  // namespace openswirl::stages
