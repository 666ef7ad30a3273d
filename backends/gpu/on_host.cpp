#include "gpu/on_host.h"

#include "workers/host_workers.h"

namespace openswirl::gpu {
namespace {

// A worker and the recorder that learns where it runs.
template <class Worker>
class OnHost : public Worker {
 protected:
  OnHost(std::unique_ptr<Worker> worker, const Context& context)
      : worker_(std::move(worker)), spans_(context.spans) {
    spans_->note_host();
  }
  Worker& host() {
    spans_->note_host();
    return *worker_;
  }

 private:
  std::unique_ptr<Worker> worker_;
  std::shared_ptr<SpanRecorder> spans_;
};

class ConstraintSumOnHost final : public OnHost<ConstraintSum> {
 public:
  ConstraintSumOnHost(std::unique_ptr<ConstraintSum> worker, const Context& context)
      : OnHost(std::move(worker), context) {}
  Result<std::vector<SumClaim>> sum_claims() override { return host().sum_claims(); }
  Result<std::vector<Ext>> first_round(const Ext& mu) override { return host().first_round(mu); }
  Status fold(const Ext& r_0) override { return host().fold(r_0); }
  Result<std::vector<Ext>> next(const Ext* challenge) override { return host().next(challenge); }
  Result<std::vector<PartOpenings>> finish(const Ext* challenge) override { return host().finish(challenge); }
};

}  // namespace

std::unique_ptr<ConstraintSum> constraint_sum_on_host(const stages::StageInputs& inputs,
                                                      const ConstraintChallenges& challenges) {
  return std::make_unique<ConstraintSumOnHost>(workers::host_constraint_sum(inputs, challenges),
                                               inputs.context);
}

}  // namespace openswirl::gpu
