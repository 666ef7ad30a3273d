#include "gpu/small_proofs.h"

#include "workers/host_workers.h"

namespace openswirl::gpu {
namespace {

// Spans of the constraint sums change under their worker.
class NotedConstraintSum final : public ConstraintSum {
 public:
  NotedConstraintSum(std::unique_ptr<ConstraintSum> worker, std::shared_ptr<SpanRecorder> spans)
      : worker_(std::move(worker)), spans_(std::move(spans)) {}
  Result<std::vector<SumClaim>> sum_claims() override { return worker().sum_claims(); }
  Result<std::vector<Ext>> first_round(const Ext& mu) override { return worker().first_round(mu); }
  Status fold(const Ext& r_0) override { return worker().fold(r_0); }
  Result<std::vector<Ext>> next(const Ext* challenge) override { return worker().next(challenge); }
  Result<std::vector<PartOpenings>> finish(const Ext* challenge) override {
    return worker().finish(challenge);
  }

 private:
  ConstraintSum& worker() {
    spans_->note_host();
    return *worker_;
  }
  std::unique_ptr<ConstraintSum> worker_;
  std::shared_ptr<SpanRecorder> spans_;
};

}  // namespace

uint64_t codeword_words(const ProofShape& shape) {
  const auto log_codeword = shape.params.log_stacked_height() + shape.params.log_blowup;
  return shape.total_stacked_width() << log_codeword;
}

HostCopies::HostCopies(Work& work, std::span<const std::shared_ptr<const Committed>> commitments) {
  for (const auto& commitment : commitments) data_.push_back(commitment->record_download(work));
  work.wait();
  for (const HostCommitment& data : data_) trees_.emplace_back(work.context(), data.digest_layers);
}

std::vector<stages::CommitmentView> HostCopies::views() const {
  std::vector<stages::CommitmentView> result;
  for (size_t i = 0; i < data_.size(); ++i) {
    result.push_back({&data_[i].layout, data_[i].stacked.data(), data_[i].codeword.data(),
                      data_[i].codeword_height, &trees_[i]});
  }
  return result;
}

std::unique_ptr<FractionTree> fraction_tree_of_host(const stages::StageInputs& inputs, const Ext& alpha,
                                                    const Ext& beta) {
  inputs.context.spans->note_host();
  return workers::host_fraction_tree(inputs, alpha, beta);
}

std::unique_ptr<ConstraintSum> constraint_sum_of_host(const stages::StageInputs& inputs,
                                                      const ConstraintChallenges& challenges) {
  inputs.context.spans->note_host();
  return std::make_unique<NotedConstraintSum>(workers::host_constraint_sum(inputs, challenges),
                                              inputs.context.spans);
}

std::unique_ptr<StackedSum> stacked_sum_of_host(const stages::StageInputs& inputs, std::span<const Ext> r,
                                                const Ext& lambda) {
  inputs.context.spans->note_host();
  return workers::host_stacked_sum(inputs, r, lambda);
}

std::unique_ptr<Opening> opening_of_host(const stages::StageInputs& inputs, std::span<const Ext> u,
                                         const Ext& mu) {
  inputs.context.spans->note_host();
  return workers::host_opening(inputs, u, mu);
}

}  // namespace openswirl::gpu
