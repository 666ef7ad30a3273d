#include "gpu/on_device.h"

#include "gpu/constraint_sum.h"
#include "gpu/opening.h"
#include "gpu/stacked_sum.h"

namespace openswirl::gpu {
namespace {

// Calls a stage and notes where the call ran. Waits note the device's work themselves.
class Caller {
 public:
  explicit Caller(Work& work) : work_(work) {}

  template <class Body>
  auto operator()(Body&& body) {
    return guard([&] {
      const Noted noted{work_, work_.recorder().activity().dispatches,
                        work_.recorder().finished().dispatches};
      return body();
    });
  }

 private:
  struct Noted {
    Work& work;
    uint64_t recorded, finished;
    ~Noted() {
      const Recorder& recorder = work.recorder();
      if (recorder.activity().dispatches == recorded && recorder.finished().dispatches == finished) {
        work.context().spans->note_host();
      }
    }
  };
  Work& work_;
};

class FractionTreeOnDevice final : public FractionTree {
 public:
  FractionTreeOnDevice(Work& work, const DeviceFractions& leaves, std::vector<Array> memory)
      : call_(work), stage_(work, leaves, std::move(memory), work.host_entries(kHostFractions)) {}
  Result<Fraction> root() override {
    return call_([&] {
      const auto root = stage_.root();
      return Fraction{root.p, root.q};
    });
  }
  Result<LayerClaims> first_layer() override {
    return call_([&] { return stage_.first_layer(); });
  }
  Status enter(const Ext& lambda, const Ext& mu) override {
    return call_([&] { stage_.enter(lambda, mu); });
  }
  Result<std::array<Ext, 3>> next(const Ext* challenge) override {
    return call_([&] { return stage_.next(challenge); });
  }
  Result<LayerClaims> leave(const Ext& challenge) override {
    return call_([&] { return stage_.leave(challenge); });
  }

 private:
  Caller call_;
  FractionTreeStage stage_;
};

class ConstraintSumOnDevice final : public ConstraintSum {
 public:
  ConstraintSumOnDevice(Work& work, const stages::StageInputs& inputs, const DeviceTraces& traces,
                        const ConstraintPrograms& programs, std::unique_ptr<ConstraintPlan> plan,
                        const ConstraintChallenges& challenges)
      : call_(work),
        stage_(work, inputs, traces, programs, std::move(plan), challenges.beta, challenges.xi,
               challenges.lambda) {}
  Result<std::vector<SumClaim>> sum_claims() override {
    return call_([&] {
      std::vector<SumClaim> claims;
      for (const auto& claim : stage_.sum_claims()) claims.push_back({claim.numerator, claim.denominator});
      return claims;
    });
  }
  Result<std::vector<Ext>> first_round(const Ext& mu) override {
    return call_([&] { return stage_.first_round(mu); });
  }
  Status fold(const Ext& r_0) override {
    return call_([&] { stage_.fold(r_0); });
  }
  Result<std::vector<Ext>> next(const Ext* challenge) override {
    return call_([&] { return stage_.next(challenge); });
  }
  Result<std::vector<PartOpenings>> finish(const Ext* challenge) override {
    return call_([&] { return stage_.finish(challenge); });
  }

 private:
  Caller call_;
  ConstraintSumStage stage_;
};

class StackedSumOnDevice final : public StackedSum {
 public:
  StackedSumOnDevice(Work& work, const DeviceInputs& inputs, std::span<const Ext> r, const Ext& lambda)
      : call_(work), stage_(work, inputs, r, lambda, work.host_entries(kHostCombined)) {}
  Result<std::vector<Ext>> first_round() override {
    return call_([&] { return stage_.first_round(); });
  }
  Result<std::array<Ext, 2>> next(const Ext& challenge) override {
    return call_([&] { return stage_.next(challenge); });
  }
  Result<std::vector<std::vector<Ext>>> finish(const Ext& challenge) override {
    return call_([&] { return stage_.finish(challenge); });
  }

 private:
  Caller call_;
  StackedSumStage stage_;
};

class OpeningOnDevice final : public Opening {
 public:
  OpeningOnDevice(Work& work, const DeviceInputs& inputs, std::span<const Ext> u, const Ext& mu)
      : call_(work), stage_(work, inputs, u, mu, work.host_entries(kHostMoments)) {}
  Result<std::array<Ext, 2>> next(const Ext* challenge) override {
    return call_([&] { return stage_.next(challenge); });
  }
  Result<Digest> commit_folded(const Ext& challenge) override {
    return call_([&] { return stage_.commit_folded(challenge); });
  }
  Result<Ext> evaluate(const Ext& z0) override {
    return call_([&] { return stage_.evaluate(z0); });
  }
  Result<QueryOpenings> open(std::span<const uint32_t> indices) override {
    return call_([&] {
      auto opened = stage_.open(indices);
      return QueryOpenings{std::move(opened.initial_rows), std::move(opened.initial_paths),
                           std::move(opened.codeword_values), std::move(opened.codeword_paths)};
    });
  }
  Status update(const Ext& z0, std::span<const uint32_t> indices, const Ext& gamma) override {
    return call_([&] { stage_.update(z0, indices, gamma); });
  }
  Result<std::vector<Ext>> tail(const Ext& challenge) override {
    return call_([&] { return stage_.tail(challenge); });
  }

 private:
  Caller call_;
  OpeningStage stage_;
};

}  // namespace

std::unique_ptr<FractionTree> fraction_tree_on_device(Work& work, const DeviceFractions& leaves,
                                                      std::vector<Array> memory) {
  return std::make_unique<FractionTreeOnDevice>(work, leaves, std::move(memory));
}

std::unique_ptr<ConstraintSum> constraint_sum_on_device(Work& work, const stages::StageInputs& inputs,
                                                        const DeviceTraces& traces,
                                                        const ConstraintPrograms& programs,
                                                        std::unique_ptr<ConstraintPlan> plan,
                                                        const ConstraintChallenges& challenges) {
  return std::make_unique<ConstraintSumOnDevice>(work, inputs, traces, programs, std::move(plan), challenges);
}

std::unique_ptr<StackedSum> stacked_sum_on_device(Work& work, const DeviceInputs& inputs,
                                                  std::span<const Ext> r, const Ext& lambda) {
  return std::make_unique<StackedSumOnDevice>(work, inputs, r, lambda);
}

std::unique_ptr<Opening> opening_on_device(Work& work, const DeviceInputs& inputs, std::span<const Ext> u,
                                           const Ext& mu) {
  return std::make_unique<OpeningOnDevice>(work, inputs, u, mu);
}

}  // namespace openswirl::gpu
