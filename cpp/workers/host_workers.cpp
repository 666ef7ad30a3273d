#include "workers/host_workers.h"

#include "stages/constraint_sum.h"
#include "stages/fraction_tree.h"
#include "stages/opening.h"
#include "stages/stacked_sum.h"

namespace openswirl::workers {
namespace {

class HostFractionTree final : public FractionTree {
 public:
  HostFractionTree(const stages::StageInputs& inputs, const Ext& alpha, const Ext& beta)
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

class HostConstraintSum final : public ConstraintSum {
 public:
  HostConstraintSum(const stages::StageInputs& inputs, const ConstraintChallenges& challenges)
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

class HostStackedSum final : public StackedSum {
 public:
  HostStackedSum(const stages::StageInputs& inputs, std::span<const Ext> r, const Ext& lambda)
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

class HostOpening final : public Opening {
 public:
  HostOpening(const stages::StageInputs& inputs, std::span<const Ext> u, const Ext& mu)
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

}  // namespace

std::unique_ptr<FractionTree> host_fraction_tree(const stages::StageInputs& inputs, const Ext& alpha,
                                                 const Ext& beta) {
  return std::make_unique<HostFractionTree>(inputs, alpha, beta);
}

std::unique_ptr<ConstraintSum> host_constraint_sum(const stages::StageInputs& inputs,
                                                   const ConstraintChallenges& challenges) {
  return std::make_unique<HostConstraintSum>(inputs, challenges);
}

std::unique_ptr<StackedSum> host_stacked_sum(const stages::StageInputs& inputs, std::span<const Ext> r,
                                             const Ext& lambda) {
  return std::make_unique<HostStackedSum>(inputs, r, lambda);
}

std::unique_ptr<Opening> host_opening(const stages::StageInputs& inputs, std::span<const Ext> u,
                                      const Ext& mu) {
  return std::make_unique<HostOpening>(inputs, u, mu);
}

}  // namespace openswirl::workers
