// A stacked commitment on the device: stacked matrix, codeword, tree (protocol part 03, 6 to 8).
#pragma once

#include <functional>
#include <memory>

#include "backend/backend.h"
#include "gpu/encode.h"
#include "gpu/merkle.h"
#include "gpu/stacking.h"

namespace openswirl::gpu {

// Immutable; any number of sessions read it.
class Committed final : public Commitment {
 public:
  // Stacks, encodes and hashes matrices sorted by height descending. Throws Error{kInput} as
  // stages::HostCommitted does. Records the spans rs_code_matrix and merkle_tree with the device's times.
  // `meanwhile` is called when the device has begun: all is there by then but the contents. If it
  // throws, the work is abandoned: nobody may wait for it.
  Committed(Work& work, const SystemParams& params, std::span<const TraceSource> matrices,
            const std::function<void(const Committed&)>& meanwhile = {});
  // Takes a commitment made earlier as it is; throws Error{kInput} unless its sizes are those of the
  // parameters.
  Committed(Work& work, const SystemParams& params, std::shared_ptr<const HostCommitment> data);

  // Most bytes of scratch memory while a commitment of this stacked width is made.
  static uint64_t scratch_bytes(const SystemParams& params, uint64_t width);

  const Digest& root() const override { return root_; }
  const StackedLayout& layout() const override { return layout_; }

  // On the device: columns of 2^log_stacked_height and of 2^log_codeword words.
  const Array& stacked() const { return stacked_; }
  const Array& codeword() const { return codeword_; }
  const DeviceTree& tree() const { return tree_; }
  uint32_t log_codeword() const { return log_codeword_; }
  uint64_t rows_per_query() const { return rows_per_query_; }

  HostCommitment to_host(Work& work) const;
  // The same, whose contents come with the next wait.
  HostCommitment record_download(Work& work) const;

 private:
  StackedLayout layout_;
  uint32_t log_codeword_ = 0;
  uint64_t rows_per_query_ = 0;
  Digest root_{};
  Array stacked_, codeword_;
  DeviceTree tree_;
};

}  // namespace openswirl::gpu
