#include "gpu/session.h"

#include "gpu/grind.h"
#include "gpu/logup_input.h"
#include "gpu/on_device.h"
#include "gpu/small_proofs.h"
#include "stages/grind.h"
#include "workers/session_inputs.h"

namespace openswirl::gpu {
namespace {

class GpuSession final : public Session {
 public:
  GpuSession(std::shared_ptr<const Engine> engine, std::shared_ptr<const Key> key, const ProofShape& shape,
             std::vector<TraceInput> traces, const Context& context)
      : key_(std::move(key)),
        traces_(std::move(traces)),
        inputs_(workers::begin_inputs(key_->key().vk, key_->host_programs(), shape, traces_, context)),
        work_(std::move(engine), context) {}

  Result<Digest> commit() override {
    return guard([&] {
      key_->generated().request(inputs_.shape, *inputs_.context.cancel);
      std::vector<TraceSource> sources;
      for (const TraceInput& trace : traces_) {
        sources.push_back(own<Matrix>(trace.common_main, "a trace")->source());
      }
      commitments_ = {nullptr};  // the common one comes first
      for (const CommitmentShape& shape : inputs_.shape.commitments) {
        if (shape.trace != CommitmentShape::kCommon) commitments_.push_back(part(shape));
      }
      commitments_[0] =
          std::make_shared<const Committed>(work_, inputs_.shape.params, std::span(std::as_const(sources)),
                                            [&](const Committed& common) { prepare(common); });
      for (const auto& commitment : commitments_) {
        device_inputs_.commitments.push_back({&commitment->layout(), commitment->stacked().range(),
                                              commitment->codeword().range(), &commitment->tree()});
      }
      if (is_small()) {
        copies_.emplace(work_, commitments_);
        workers::add_commitments(inputs_, copies_->views(), traces_);
      }
      // Everything later reads the stacked matrices; the caller may have the traces back.
      for (TraceInput& trace : traces_) trace.common_main.reset();
      return commitments_[0]->root();
    });
  }

  Result<Fp> grind(const GrindPoint& point, uint32_t bits) override {
    return guard([&] {
      if (bits >= kHostGrindBits || !work_.host_search()) return gpu::grind(work_, point, bits);
      inputs_.context.spans->note_host();
      return stages::grind(inputs_.context, point, bits);
    });
  }
  Result<std::unique_ptr<FractionTree>> fraction_tree(const Ext& alpha, const Ext& beta) override {
    return guard([&] {
      if (is_small()) return fraction_tree_of_host(inputs_, alpha, beta);
      LogupLeaves leaves = evaluate_leaves(work_, inputs_, device_traces_, alpha, beta);
      return fraction_tree_on_device(work_, leaves.nodes, std::move(leaves.memory));
    });
  }
  Result<std::unique_ptr<ConstraintSum>> constraint_sum(const ConstraintChallenges& challenges) override {
    return guard([&] {
      if (is_small()) return constraint_sum_of_host(inputs_, challenges);
      if (!plan_) throw Error(FailureKind::kInternal, "constraint sums begin once, after the commitment");
      return constraint_sum_on_device(work_, inputs_, device_traces_, key_->programs(), std::move(plan_),
                                      challenges);
    });
  }
  Result<std::unique_ptr<StackedSum>> stacked_sum(std::span<const Ext> r, const Ext& lambda) override {
    return guard([&] {
      if (is_small()) return stacked_sum_of_host(inputs_, r, lambda);
      return stacked_sum_on_device(work_, device_inputs_, r, lambda);
    });
  }
  Result<std::unique_ptr<Opening>> opening(std::span<const Ext> u, const Ext& mu) override {
    return guard([&] {
      if (is_small()) return opening_of_host(inputs_, u, mu);
      return opening_on_device(work_, device_inputs_, u, mu);
    });
  }

 private:
  // While the device commits the common mains.
  void prepare(const Committed& common) {
    if (is_small()) return;
    workers::add_traces(inputs_, traces_);
    std::vector<Range> stacked = {common.stacked().range()};
    for (size_t i = 1; i < commitments_.size(); ++i) stacked.push_back(commitments_[i]->stacked().range());
    device_traces_ = locate_columns(inputs_.shape, stacked);
    plan_ = std::make_unique<ConstraintPlan>(work_, inputs_, device_traces_, key_->programs(),
                                             &key_->generated(), work_.host_entries(kHostConstraints));
  }
  bool is_small() const { return codeword_words(inputs_.shape) <= work_.host_entries(kHostCodewords); }
  // The commitment, made earlier, of a preprocessed or cached part.
  std::shared_ptr<const Committed> part(const CommitmentShape& shape) const {
    const workers::PartPlace place = workers::part_place(*inputs_.vk, inputs_.shape, shape);
    if (place.preprocessed) return key_->preprocessed(place.air_id);
    return own<Committed>(traces_[shape.trace].cached_mains[place.cached], "a cached commitment");
  }

  std::shared_ptr<const Key> key_;
  std::vector<TraceInput> traces_;
  std::vector<std::shared_ptr<const Committed>> commitments_;  // commit order
  std::optional<HostCopies> copies_;                           // of a small proof
  stages::StageInputs inputs_;  // no commitments and no columns of others: those are the device's
  // None of them of a small proof.
  DeviceTraces device_traces_;
  std::unique_ptr<ConstraintPlan> plan_;  // until the constraint sums begin
  DeviceInputs device_inputs_{inputs_.shape, {}};
  Work work_;  // ends first: nothing it recorded outlives what it names
};

}  // namespace

std::unique_ptr<Session> make_session(std::shared_ptr<const Engine> engine, std::shared_ptr<const Key> key,
                                      const ProofShape& shape, std::vector<TraceInput> traces,
                                      const Context& context) {
  return std::make_unique<GpuSession>(std::move(engine), std::move(key), shape, std::move(traces), context);
}

}  // namespace openswirl::gpu
