// A device that answers like another one but for a single message, in which it adds 1 to one element.
#pragma once

#include <memory>
#include <string>

#include "backend/backend.h"

namespace faulty {

using namespace openswirl;

// The `countdown`-th call (from 0) of the method named `call` goes wrong; "memory": that many bytes are all
// it has.
struct Fault {
  std::string call;
  uint32_t countdown = 0;

  bool hits(const char* name) { return call == name && countdown-- == 0; }
};

// The message with `damage(message)` applied where the fault hits.
template <class T, class Damage>
Result<T> answer(Fault& fault, const char* name, Result<T> result, Damage damage) {
  if (!result.ok() || !fault.hits(name)) return result;
  T message = std::move(result).take();
  damage(message);
  return message;
}

class Tree final : public FractionTree {
 public:
  Tree(std::unique_ptr<FractionTree> inner, Fault& fault) : inner_(std::move(inner)), fault_(fault) {}
  Result<Fraction> root() override {
    return answer(fault_, "FractionTree::root", inner_->root(), [](Fraction& m) { m.q += Ext::one(); });
  }
  Result<LayerClaims> first_layer() override {
    return answer(fault_, "FractionTree::first_layer", inner_->first_layer(),
                  [](LayerClaims& m) { m.p1 += Ext::one(); });
  }
  Status enter(const Ext& lambda, const Ext& mu) override { return inner_->enter(lambda, mu); }
  Result<std::array<Ext, 3>> next(const Ext* challenge) override {
    return answer(fault_, "FractionTree::next", inner_->next(challenge), [](auto& m) { m[2] += Ext::one(); });
  }
  Result<LayerClaims> leave(const Ext& challenge) override {
    return answer(fault_, "FractionTree::leave", inner_->leave(challenge),
                  [](LayerClaims& m) { m.q0 += Ext::one(); });
  }

 private:
  std::unique_ptr<FractionTree> inner_;
  Fault& fault_;
};

class Constraints final : public ConstraintSum {
 public:
  Constraints(std::unique_ptr<ConstraintSum> inner, Fault& fault) : inner_(std::move(inner)), fault_(fault) {}
  Result<std::vector<SumClaim>> sum_claims() override {
    return answer(fault_, "ConstraintSum::sum_claims", inner_->sum_claims(),
                  [](auto& m) { m[1].denominator += Ext::one(); });
  }
  Result<std::vector<Ext>> first_round(const Ext& mu) override {
    return answer(fault_, "ConstraintSum::first_round", inner_->first_round(mu),
                  [](auto& m) { m[4] += Ext::one(); });
  }
  Status fold(const Ext& r_0) override { return inner_->fold(r_0); }
  Result<std::vector<Ext>> next(const Ext* challenge) override {
    return answer(fault_, "ConstraintSum::next", inner_->next(challenge), [](auto& m) { m.pop_back(); });
  }
  Result<std::vector<PartOpenings>> finish(const Ext* challenge) override {
    return answer(fault_, "ConstraintSum::finish", inner_->finish(challenge),
                  [](auto& m) { m[2][0][1] += Ext::one(); });
  }

 private:
  std::unique_ptr<ConstraintSum> inner_;
  Fault& fault_;
};

class Stacked final : public StackedSum {
 public:
  Stacked(std::unique_ptr<StackedSum> inner, Fault& fault) : inner_(std::move(inner)), fault_(fault) {}
  Result<std::vector<Ext>> first_round() override {
    return answer(fault_, "StackedSum::first_round", inner_->first_round(),
                  [](auto& m) { m[0] += Ext::one(); });
  }
  Result<std::array<Ext, 2>> next(const Ext& challenge) override {
    return answer(fault_, "StackedSum::next", inner_->next(challenge), [](auto& m) { m[1] += Ext::one(); });
  }
  Result<std::vector<std::vector<Ext>>> finish(const Ext& challenge) override {
    return answer(fault_, "StackedSum::finish", inner_->finish(challenge),
                  [](auto& m) { m[1][0] += Ext::one(); });
  }

 private:
  std::unique_ptr<StackedSum> inner_;
  Fault& fault_;
};

class Whir final : public Opening {
 public:
  Whir(std::unique_ptr<Opening> inner, Fault& fault) : inner_(std::move(inner)), fault_(fault) {}
  Result<std::array<Ext, 2>> next(const Ext* challenge) override {
    return answer(fault_, "Opening::next", inner_->next(challenge), [](auto& m) { m[0] += Ext::one(); });
  }
  Result<Digest> commit_folded(const Ext& challenge) override {
    return answer(fault_, "Opening::commit_folded", inner_->commit_folded(challenge),
                  [](Digest& m) { m[7] += Fp::one(); });
  }
  Result<Ext> evaluate(const Ext& z0) override {
    return answer(fault_, "Opening::evaluate", inner_->evaluate(z0), [](Ext& m) { m += Ext::one(); });
  }
  Result<QueryOpenings> open(std::span<const uint32_t> indices) override {
    return answer(fault_, "Opening::open", inner_->open(indices), [](QueryOpenings& m) {
      if (m.initial_rows.empty()) {
        m.codeword_paths.digests[3][2] += Fp::one();
      } else {
        m.initial_rows[1].values[5] += Fp::one();
      }
    });
  }
  Status update(const Ext& z0, std::span<const uint32_t> indices, const Ext& gamma) override {
    return inner_->update(z0, indices, gamma);
  }
  Result<std::vector<Ext>> tail(const Ext& challenge) override {
    return answer(fault_, "Opening::tail", inner_->tail(challenge), [](auto& m) { m[1] += Ext::one(); });
  }

 private:
  std::unique_ptr<Opening> inner_;
  Fault& fault_;
};

class FaultySession final : public Session {
 public:
  FaultySession(std::unique_ptr<Session> inner, Fault& fault) : inner_(std::move(inner)), fault_(fault) {}
  Result<Digest> commit() override {
    return answer(fault_, "Session::commit", inner_->commit(), [](Digest& m) { m[0] += Fp::one(); });
  }
  Result<Fp> grind(const GrindPoint& point, uint32_t bits) override {
    return answer(fault_, "Session::grind", inner_->grind(point, bits), [](Fp& m) { m += Fp::one(); });
  }
  Result<std::unique_ptr<FractionTree>> fraction_tree(const Ext& alpha, const Ext& beta) override {
    return wrap<FractionTree, Tree>(inner_->fraction_tree(alpha, beta));
  }
  Result<std::unique_ptr<ConstraintSum>> constraint_sum(const ConstraintChallenges& challenges) override {
    return wrap<ConstraintSum, Constraints>(inner_->constraint_sum(challenges));
  }
  Result<std::unique_ptr<StackedSum>> stacked_sum(std::span<const Ext> r, const Ext& lambda) override {
    return wrap<StackedSum, Stacked>(inner_->stacked_sum(r, lambda));
  }
  Result<std::unique_ptr<Opening>> opening(std::span<const Ext> u, const Ext& mu) override {
    return wrap<Opening, Whir>(inner_->opening(u, mu));
  }

 private:
  template <class Worker, class Wrapper>
  Result<std::unique_ptr<Worker>> wrap(Result<std::unique_ptr<Worker>> worker) {
    return guard([&]() -> std::unique_ptr<Worker> {
      return std::make_unique<Wrapper>(std::move(worker).take(), fault_);
    });
  }
  std::unique_ptr<Session> inner_;
  Fault& fault_;
};

class FaultyDevice final : public Device {
 public:
  FaultyDevice(std::shared_ptr<Device> inner, Fault fault)
      : inner_(std::move(inner)), fault_(std::move(fault)), info_(inner_->info()) {
    info_.name = "faulty";
    if (fault_.call == "memory") info_.memory_bytes = fault_.countdown;
  }
  const DeviceInfo& info() const override { return info_; }
  std::string unsupported_reason(const ProofShape& shape) const override {
    return fault_.call == "unsupported" ? "it is broken" : inner_->unsupported_reason(shape);
  }
  Result<MemoryPlan> plan(const VerifyingKey& vk, const ProofShape& shape) const override {
    return inner_->plan(vk, shape);
  }
  Status self_test(const Context& context) override {
    if (!fault_.hits("Device::self_test")) return inner_->self_test(context);
    Failure failure;
    failure.kind = FailureKind::kDevice;
    failure.message = "self test of the faulty device: wrong answer";
    return failure;
  }
  Result<std::shared_ptr<const DeviceMatrix>> import(const HostMatrix& matrix,
                                                     const Context& context) override {
    return inner_->import(matrix, context);
  }
  Result<std::shared_ptr<const Commitment>> commit(
      const SystemParams& params, std::span<const std::shared_ptr<const DeviceMatrix>> matrices,
      const Context& context) override {
    return inner_->commit(params, matrices, context);
  }
  Result<HostCommitment> export_commitment(const Commitment& commitment, const Context& context) override {
    return answer(fault_, "Device::export_commitment", inner_->export_commitment(commitment, context),
                  [](HostCommitment& m) { m.codeword[3] += Fp::one(); });
  }
  Result<std::shared_ptr<const Commitment>> import_commitment(
      const SystemParams& params, std::shared_ptr<const HostCommitment> commitment,
      const Context& context) override {
    return inner_->import_commitment(params, std::move(commitment), context);
  }
  Result<std::shared_ptr<const DeviceKey>> load_key(std::shared_ptr<const ProvingKey> key,
                                                    const Context& context) override {
    return inner_->load_key(std::move(key), context);
  }
  Result<std::unique_ptr<Session>> begin(std::shared_ptr<const DeviceKey> key, const ProofShape& shape,
                                         std::vector<TraceInput> traces, const Context& context) override {
    if (fault_.call == "Device::begin") {
      Failure failure;
      failure.kind = FailureKind::kOutOfMemory;
      failure.message = "no memory";
      return failure;
    }
    return guard([&]() -> std::unique_ptr<Session> {
      return std::make_unique<FaultySession>(
          inner_->begin(std::move(key), shape, std::move(traces), context).take(), fault_);
    });
  }

 private:
  std::shared_ptr<Device> inner_;
  Fault fault_;
  DeviceInfo info_;
};

}  // namespace faulty
