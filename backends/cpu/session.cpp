#include "session.h"

#include "stages/constraint_sum.h"
#include "stages/fraction_tree.h"
#include "stages/grind.h"
#include "stages/opening.h"
#include "stages/stacked_sum.h"

namespace openswirl::cpu {
namespace {

// The workers turn what a stage throws into Results; the stages are the protocol.
class CpuFractionTree final : public FractionTree {
 public:
  CpuFractionTree(const stages::StageInputs& inputs, const Ext& alpha, const Ext& beta)
      : stage_(inputs, alpha, beta) {}
  Result<Fraction> root() override {
    return guard([&] {
      const auto root = stage_.root();
      return Fraction{root.p, root.q};
    });
  }
  Result<LayerClaims> first_layer() override {
    return guard([&] { return stage_.first_layer(); });
  }
  Status enter(const Ext& lambda, const Ext& mu) override {
    return guard([&] { stage_.enter(lambda, mu); });
  }
  Result<std::array<Ext, 3>> next(const Ext* challenge) override {
    return guard([&] { return stage_.next(challenge); });
  }
  Result<LayerClaims> leave(const Ext& challenge) override {
    return guard([&] { return stage_.leave(challenge); });
  }

 private:
  stages::FractionTreeStage stage_;
};

class CpuConstraintSum final : public ConstraintSum {
 public:
  CpuConstraintSum(const stages::StageInputs& inputs, const ConstraintChallenges& challenges)
      : stage_(inputs, challenges.alpha, challenges.beta, challenges.xi, challenges.lambda) {}
  Result<std::vector<SumClaim>> sum_claims() override {
    return guard([&] {
      std::vector<SumClaim> claims;
      for (const auto& claim : stage_.sum_claims()) claims.push_back({claim.numerator, claim.denominator});
      return claims;
    });
  }
  Result<std::vector<Ext>> first_round(const Ext& mu) override {
    return guard([&] { return stage_.first_round(mu); });
  }
  Status fold(const Ext& r_0) override {
    return guard([&] { stage_.fold(r_0); });
  }
  Result<std::vector<Ext>> next(const Ext* challenge) override {
    return guard([&] { return stage_.next(challenge); });
  }
  Result<std::vector<PartOpenings>> finish(const Ext* challenge) override {
    return guard([&] { return stage_.finish(challenge); });
  }

 private:
  stages::ConstraintSumStage stage_;
};

class CpuStackedSum final : public StackedSum {
 public:
  CpuStackedSum(const stages::StageInputs& inputs, std::span<const Ext> r, const Ext& lambda)
      : stage_(inputs, r, lambda) {}
  Result<std::vector<Ext>> first_round() override {
    return guard([&] { return stage_.first_round(); });
  }
  Result<std::array<Ext, 2>> next(const Ext& challenge) override {
    return guard([&] { return stage_.next(challenge); });
  }
  Result<std::vector<std::vector<Ext>>> finish(const Ext& challenge) override {
    return guard([&] { return stage_.finish(challenge); });
  }

 private:
  stages::StackedSumStage stage_;
};

class CpuOpening final : public Opening {
 public:
  CpuOpening(const stages::StageInputs& inputs, std::span<const Ext> u, const Ext& mu)
      : stage_(inputs, u, mu) {}
  Result<std::array<Ext, 2>> next(const Ext* challenge) override {
    return guard([&] { return stage_.next(challenge); });
  }
  Result<Digest> commit_folded(const Ext& challenge) override {
    return guard([&] { return stage_.commit_folded(challenge); });
  }
  Result<Ext> evaluate(const Ext& z0) override {
    return guard([&] { return stage_.evaluate(z0); });
  }
  Result<QueryOpenings> open(std::span<const uint32_t> indices) override {
    return guard([&] {
      auto opened = stage_.open(indices);
      return QueryOpenings{std::move(opened.initial_rows), std::move(opened.initial_paths),
                           std::move(opened.codeword_values), std::move(opened.codeword_paths)};
    });
  }
  Status update(const Ext& z0, std::span<const uint32_t> indices, const Ext& gamma) override {
    return guard([&] { stage_.update(z0, indices, gamma); });
  }
  Result<std::vector<Ext>> tail(const Ext& challenge) override {
    return guard([&] { return stage_.tail(challenge); });
  }

 private:
  stages::OpeningStage stage_;
};

class CpuSession final : public Session {
 public:
  CpuSession(std::shared_ptr<const Key> key, const ProofShape& shape, std::vector<TraceInput> traces,
             const Context& context)
      : key_(std::move(key)), traces_(std::move(traces)) {
    inputs_.shape = shape;
    inputs_.vk = &key_->key().vk;
    inputs_.context = context;
    if (traces_.size() != shape.traces.size())
      throw Error(FailureKind::kInput, "one input per present trace is needed");
    for (size_t t = 0; t < traces_.size(); ++t) {
      const AirVk& air = inputs_.vk->airs[shape.traces[t].air_id];
      if (traces_[t].common_main->rows() != uint64_t{1} << shape.traces[t].log_height ||
          traces_[t].common_main->columns() != air.width.common_main ||
          traces_[t].cached_mains.size() != air.width.cached_mains.size() ||
          traces_[t].public_values.size() != air.num_public_values) {
        throw Error(FailureKind::kInput,
                    "trace " + std::to_string(t) + " of the session does not fit its AIR");
      }
    }
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
      view_traces();
      // Everything later reads the stacked matrices; the caller may have the traces back.
      for (TraceInput& trace : traces_) trace.common_main.reset();
      return commitments_[0]->root();
    });
  }

  Result<Fp> grind(const GrindPoint& point, uint32_t bits) override {
    return guard([&] { return stages::grind(inputs_.context, point, bits); });
  }
  Result<std::unique_ptr<FractionTree>> fraction_tree(const Ext& alpha, const Ext& beta) override {
    return guard([&]() -> std::unique_ptr<FractionTree> {
      return std::make_unique<CpuFractionTree>(inputs_, alpha, beta);
    });
  }
  Result<std::unique_ptr<ConstraintSum>> constraint_sum(const ConstraintChallenges& challenges) override {
    return guard([&]() -> std::unique_ptr<ConstraintSum> {
      return std::make_unique<CpuConstraintSum>(inputs_, challenges);
    });
  }
  Result<std::unique_ptr<StackedSum>> stacked_sum(std::span<const Ext> r, const Ext& lambda) override {
    return guard(
        [&]() -> std::unique_ptr<StackedSum> { return std::make_unique<CpuStackedSum>(inputs_, r, lambda); });
  }
  Result<std::unique_ptr<Opening>> opening(std::span<const Ext> u, const Ext& mu) override {
    return guard([&]() -> std::unique_ptr<Opening> { return std::make_unique<CpuOpening>(inputs_, u, mu); });
  }

 private:
  // The commitment, made earlier, of a preprocessed or cached part.
  std::shared_ptr<const StackedCommitment> part(const CommitmentShape& shape) const {
    const uint32_t air_id = inputs_.shape.traces[shape.trace].air_id;
    const bool has_preprocessed = inputs_.vk->airs[air_id].width.preprocessed.has_value();
    if (has_preprocessed && shape.opening_part == 1) return key_->preprocessed(air_id);
    const size_t cached = shape.opening_part - 1 - (has_preprocessed ? 1 : 0);
    return own<StackedCommitment>(traces_[shape.trace].cached_mains[cached], "a cached commitment");
  }

  // Commitments and the rows of every part, read from the stacked matrices.
  void view_traces() {
    for (size_t t = 0; t < traces_.size(); ++t) {
      const TraceShape& shape = inputs_.shape.traces[t];
      const AirVk& air = inputs_.vk->airs[shape.air_id];
      inputs_.traces.push_back(
          {&air, shape, std::vector<stages::PartView>(air.num_parts()), traces_[t].public_values});
    }
    for (size_t c = 0; c < commitments_.size(); ++c) {
      const CommitmentShape& shape = inputs_.shape.commitments[c];
      const stages::CommitmentView view = commitments_[c]->data().view();
      inputs_.commitments.push_back(view);
      for (const StackedSlice& slice : view.layout->slices) {
        const bool common = shape.trace == CommitmentShape::kCommon;
        stages::PartView& part =
            inputs_.traces[common ? slice.matrix : shape.trace].parts[shape.opening_part];
        part.columns.push_back(view.stacked +
                               (uint64_t{slice.stacked_column} << view.layout->log_stacked_height) +
                               slice.start_row);
        part.stride = view.layout->stride(slice);
      }
    }
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
