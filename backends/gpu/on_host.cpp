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

class FractionTreeOnHost final : public OnHost<FractionTree> {
 public:
  FractionTreeOnHost(std::unique_ptr<FractionTree> worker, const Context& context)
      : OnHost(std::move(worker), context) {}
  Result<Fraction> root() override { return host().root(); }
  Result<LayerClaims> first_layer() override { return host().first_layer(); }
  Status enter(const Ext& lambda, const Ext& mu) override { return host().enter(lambda, mu); }
  Result<std::array<Ext, 3>> next(const Ext* challenge) override { return host().next(challenge); }
  Result<LayerClaims> leave(const Ext& challenge) override { return host().leave(challenge); }
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

class StackedSumOnHost final : public OnHost<StackedSum> {
 public:
  StackedSumOnHost(std::unique_ptr<StackedSum> worker, const Context& context)
      : OnHost(std::move(worker), context) {}
  Result<std::vector<Ext>> first_round() override { return host().first_round(); }
  Result<std::array<Ext, 2>> next(const Ext& challenge) override { return host().next(challenge); }
  Result<std::vector<std::vector<Ext>>> finish(const Ext& challenge) override {
    return host().finish(challenge);
  }
};

class OpeningOnHost final : public OnHost<Opening> {
 public:
  OpeningOnHost(std::unique_ptr<Opening> worker, const Context& context)
      : OnHost(std::move(worker), context) {}
  Result<std::array<Ext, 2>> next(const Ext* challenge) override { return host().next(challenge); }
  Result<Digest> commit_folded(const Ext& challenge) override { return host().commit_folded(challenge); }
  Result<Ext> evaluate(const Ext& z0) override { return host().evaluate(z0); }
  Result<QueryOpenings> open(std::span<const uint32_t> indices) override { return host().open(indices); }
  Status update(const Ext& z0, std::span<const uint32_t> indices, const Ext& gamma) override {
    return host().update(z0, indices, gamma);
  }
  Result<std::vector<Ext>> tail(const Ext& challenge) override { return host().tail(challenge); }
};

}  // namespace

std::unique_ptr<FractionTree> fraction_tree_on_host(const stages::StageInputs& inputs, const Ext& alpha,
                                                    const Ext& beta) {
  return std::make_unique<FractionTreeOnHost>(workers::host_fraction_tree(inputs, alpha, beta),
                                              inputs.context);
}

std::unique_ptr<ConstraintSum> constraint_sum_on_host(const stages::StageInputs& inputs,
                                                      const ConstraintChallenges& challenges) {
  return std::make_unique<ConstraintSumOnHost>(workers::host_constraint_sum(inputs, challenges),
                                               inputs.context);
}

std::unique_ptr<StackedSum> stacked_sum_on_host(const stages::StageInputs& inputs, std::span<const Ext> r,
                                                const Ext& lambda) {
  return std::make_unique<StackedSumOnHost>(workers::host_stacked_sum(inputs, r, lambda), inputs.context);
}

std::unique_ptr<Opening> opening_on_host(const stages::StageInputs& inputs, std::span<const Ext> u,
                                         const Ext& mu) {
  return std::make_unique<OpeningOnHost>(workers::host_opening(inputs, u, mu), inputs.context);
}

}  // namespace openswirl::gpu
