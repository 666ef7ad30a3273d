#include "session.h"

#include "stages/grind.h"
#include "workers/host_workers.h"
#include "workers/session_inputs.h"

namespace openswirl::cpu {
namespace {

class CpuSession final : public Session {
 public:
  CpuSession(std::shared_ptr<const Key> key, const ProofShape& shape, std::vector<TraceInput> traces,
             const Context& context)
      : key_(std::move(key)), traces_(std::move(traces)) {
    inputs_ = workers::begin_inputs(key_->key().vk, key_->programs(), shape, traces_, context);
  }

  Result<Digest> commit() override {
    return guard([&] {
      std::vector<std::shared_ptr<const Matrix>> matrices;
      std::vector<stages::SourceMatrix> sources;
      for (const TraceInput& trace : traces_) {
        matrices.push_back(own<Matrix>(trace.common_main, "a trace"));
        sources.push_back(matrices.back()->source());
      }
      commitments_ = {std::make_shared<const StackedCommitment>(inputs_.context, inputs_.shape.params,
                                                                std::span(std::as_const(sources)))};
      for (const CommitmentShape& shape : inputs_.shape.commitments) {
        if (shape.trace != CommitmentShape::kCommon) commitments_.push_back(part(shape));
      }
      std::vector<stages::CommitmentView> views;
      for (const auto& commitment : commitments_) views.push_back(commitment->data().view());
      workers::add_commitments(inputs_, views, traces_);
      // Everything later reads the stacked matrices; the caller may have the traces back.
      for (TraceInput& trace : traces_) trace.common_main.reset();
      return commitments_[0]->root();
    });
  }

  Result<Fp> grind(const GrindPoint& point, uint32_t bits) override {
    return guard([&] { return stages::grind(inputs_.context, point, bits); });
  }
  Result<std::unique_ptr<FractionTree>> fraction_tree(const Ext& alpha, const Ext& beta) override {
    return guard([&] { return workers::host_fraction_tree(inputs_, alpha, beta); });
  }
  Result<std::unique_ptr<ConstraintSum>> constraint_sum(const ConstraintChallenges& challenges) override {
    return guard([&] { return workers::host_constraint_sum(inputs_, challenges); });
  }
  Result<std::unique_ptr<StackedSum>> stacked_sum(std::span<const Ext> r, const Ext& lambda) override {
    return guard([&] { return workers::host_stacked_sum(inputs_, r, lambda); });
  }
  Result<std::unique_ptr<Opening>> opening(std::span<const Ext> u, const Ext& mu) override {
    return guard([&] { return workers::host_opening(inputs_, u, mu); });
  }

 private:
  // The commitment, made earlier, of a preprocessed or cached part.
  std::shared_ptr<const StackedCommitment> part(const CommitmentShape& shape) const {
    const workers::PartPlace place = workers::part_place(*inputs_.vk, inputs_.shape, shape);
    if (place.preprocessed) return key_->preprocessed(place.air_id);
    return own<StackedCommitment>(traces_[shape.trace].cached_mains[place.cached], "a cached commitment");
  }

  std::shared_ptr<const Key> key_;
  std::vector<TraceInput> traces_;
  std::vector<std::shared_ptr<const StackedCommitment>> commitments_;  // commit order
  stages::StageInputs inputs_;
};

}  // namespace

std::unique_ptr<Session> make_session(std::shared_ptr<const Key> key, const ProofShape& shape,
                                      std::vector<TraceInput> traces, const Context& context) {
  return std::make_unique<CpuSession>(std::move(key), shape, std::move(traces), context);
}

}  // namespace openswirl::cpu
