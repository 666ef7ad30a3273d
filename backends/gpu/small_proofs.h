// Proofs that are over on the host before a device would have answered its first rounds.
#pragma once

#include "gpu/committed.h"
#include "stages/inputs.h"

namespace openswirl::gpu {

// What the host proves by itself once it is committed: codewords of at most this many words together. A dozen
// waits of a device take longer.
inline constexpr uint64_t kHostCodewords = uint64_t{1} << 16;

uint64_t codeword_words(const ProofShape& shape);

// Commitments of the device as the stages of the host read them.
class HostCopies {
 public:
  // Waits once. The commitments must outlive it.
  HostCopies(Work& work, std::span<const std::shared_ptr<const Committed>> commitments);
  std::vector<stages::CommitmentView> views() const;

 private:
  std::vector<HostCommitment> data_;
  std::vector<stages::DigestTree> trees_;
};

// The stage workers of the host, which note that they run there.
std::unique_ptr<FractionTree> fraction_tree_of_host(const stages::StageInputs& inputs, const Ext& alpha,
                                                    const Ext& beta);
std::unique_ptr<ConstraintSum> constraint_sum_of_host(const stages::StageInputs& inputs,
                                                      const ConstraintChallenges& challenges);
std::unique_ptr<StackedSum> stacked_sum_of_host(const stages::StageInputs& inputs, std::span<const Ext> r,
                                                const Ext& lambda);
std::unique_ptr<Opening> opening_of_host(const stages::StageInputs& inputs, std::span<const Ext> u,
                                         const Ext& mu);

}  // namespace openswirl::gpu
