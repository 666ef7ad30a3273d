// Backend, device, key and session of the reference backend.
#include <algorithm>
#include <bit>

#include "backend.h"
#include "backend/own.h"
#include "grind.h"
#include "runtime/machine.h"
#include "self_test.h"
#include "session_state.h"

namespace openswirl::reference {
namespace {

class Key final : public DeviceKey {
 public:
  Key(std::shared_ptr<const ProvingKey> key, const Context& context) : key_(std::move(key)) {
    for (const AirPk& air : key_->airs) {
      if (air.preprocessed) check_commitment(key_->vk.params, *air.preprocessed);
      preprocessed_.push_back(
          air.preprocessed ? std::make_shared<const StackedCommitment>(air.preprocessed, context) : nullptr);
    }
  }
  const ProvingKey& key() const override { return *key_; }
  std::shared_ptr<const ProvingKey> shared_key() const { return key_; }
  const std::shared_ptr<const StackedCommitment>& preprocessed(uint32_t air_id) const {
    return preprocessed_[air_id];
  }

 private:
  std::shared_ptr<const ProvingKey> key_;
  std::vector<std::shared_ptr<const StackedCommitment>> preprocessed_;  // null without a preprocessed trace
};

class ReferenceSession final : public Session {
 public:
  ReferenceSession(std::shared_ptr<const Key> key, const ProofShape& shape, std::vector<TraceInput> inputs,
                   const Context& context)
      : key_(std::move(key)), inputs_(std::move(inputs)) {
    state_.key = key_->shared_key();
    state_.shape = shape;
    state_.context = context;
    if (inputs_.size() != shape.traces.size())
      throw Error(FailureKind::kInput, "one input per present trace is needed");
    for (size_t t = 0; t < inputs_.size(); ++t) {
      const AirVk& air = state_.vk().airs[shape.traces[t].air_id];
      if (inputs_[t].common_main->rows() != uint64_t{1} << shape.traces[t].log_height ||
          inputs_[t].common_main->columns() != air.width.common_main ||
          inputs_[t].cached_mains.size() != air.width.cached_mains.size() ||
          inputs_[t].public_values.size() != air.num_public_values) {
        throw Error(FailureKind::kInput,
                    "trace " + std::to_string(t) + " of the session does not fit its AIR");
      }
    }
  }

  Result<Digest> commit() override {
    return guard([&] {
      std::vector<std::shared_ptr<const Matrix>> matrices;
      std::vector<const Matrix*> borrowed;
      for (const TraceInput& input : inputs_) {
        matrices.push_back(own<Matrix>(input.common_main, "a trace"));
        borrowed.push_back(matrices.back().get());
      }
      auto data = std::make_shared<const HostCommitment>(
          commit_matrices(state_.shape.params, borrowed, state_.context));
      state_.commitments = {std::make_shared<const StackedCommitment>(std::move(data), state_.context)};
      for (const CommitmentShape& commitment : state_.shape.commitments) {
        if (commitment.trace != CommitmentShape::kCommon) state_.commitments.push_back(part(commitment));
      }
      view_traces();
      return state_.commitments[0]->root();
    });
  }

  Result<Fp> grind(const GrindPoint& point, uint32_t bits) override {
    return guard([&] { return smallest_witness(point, bits, state_.context); });
  }

  Result<std::unique_ptr<FractionTree>> fraction_tree(const Ext& alpha, const Ext& beta) override {
    return guard([&] { return make_fraction_tree(state_, alpha, beta); });
  }
  Result<std::unique_ptr<ConstraintSum>> constraint_sum(const ConstraintChallenges& challenges) override {
    return guard([&] { return make_constraint_sum(state_, challenges); });
  }
  Result<std::unique_ptr<StackedSum>> stacked_sum(std::span<const Ext> r, const Ext& lambda) override {
    return guard([&] { return make_stacked_sum(state_, r, lambda); });
  }
  Result<std::unique_ptr<Opening>> opening(std::span<const Ext> u, const Ext& mu) override {
    return guard([&] { return make_opening(state_, u, mu); });
  }

 private:
  // The commitment, made earlier, of a preprocessed or cached part.
  std::shared_ptr<const StackedCommitment> part(const CommitmentShape& shape) const {
    const uint32_t air_id = state_.shape.traces[shape.trace].air_id;
    const bool has_preprocessed = state_.vk().airs[air_id].width.preprocessed.has_value();
    if (has_preprocessed && shape.opening_part == 1) return key_->preprocessed(air_id);
    const size_t cached = shape.opening_part - 1 - (has_preprocessed ? 1 : 0);
    return own<StackedCommitment>(inputs_[shape.trace].cached_mains[cached], "a cached commitment");
  }

  // Rows of every part, read from the stacked matrices.
  void view_traces() {
    for (size_t t = 0; t < inputs_.size(); ++t) {
      const TraceShape& shape = state_.shape.traces[t];
      const AirVk& air = state_.vk().airs[shape.air_id];
      state_.traces.push_back(
          {&air, shape, std::vector<Trace::Part>(air.num_parts()), inputs_[t].public_values});
    }
    for (size_t c = 0; c < state_.shape.commitments.size(); ++c) {
      const CommitmentShape& shape = state_.shape.commitments[c];
      const HostCommitment& data = state_.commitments[c]->data();
      for (const StackedSlice& slice : shape.layout.slices) {
        const bool common = shape.trace == CommitmentShape::kCommon;
        Trace::Part& part = state_.traces[common ? slice.matrix : shape.trace].parts[shape.opening_part];
        part.columns.push_back(data.stacked.data() + slice.stacked_column * data.stacked_height +
                               slice.start_row);
        part.stride = shape.layout.stride(slice);
      }
    }
  }

  std::shared_ptr<const Key> key_;
  std::vector<TraceInput> inputs_;
  SessionState state_;
};

class ReferenceDevice final : public Device {
 public:
  explicit ReferenceDevice(DeviceInfo info) : info_(std::move(info)) {}

  const DeviceInfo& info() const override { return info_; }
  std::string unsupported_reason(const ProofShape&) const override { return {}; }
  Result<MemoryPlan> plan(const VerifyingKey& vk, const ProofShape& shape) const override {
    return guard([&] { return make_plan(vk, shape); });
  }
  Status self_test(const Context& context) override {
    return guard([&] { run_self_test(context); });
  }

  Result<std::shared_ptr<const DeviceMatrix>> import(const HostMatrix& matrix,
                                                     const Context& context) override {
    return guard([&]() -> std::shared_ptr<const DeviceMatrix> {
      if (!std::has_single_bit(matrix.rows)) {
        throw Error(FailureKind::kInput,
                    "a matrix of " + std::to_string(matrix.rows) +
                        " rows: the number of rows must be a power of two; pad the trace");
      }
      return std::make_shared<const Matrix>(matrix, context);
    });
  }

  Result<std::shared_ptr<const Commitment>> commit(
      const SystemParams& params, std::span<const std::shared_ptr<const DeviceMatrix>> matrices,
      const Context& context) override {
    return guard([&]() -> std::shared_ptr<const Commitment> {
      std::vector<const Matrix*> borrowed;
      for (const auto& matrix : matrices) borrowed.push_back(own<Matrix>(matrix, "a matrix").get());
      auto data = std::make_shared<const HostCommitment>(commit_matrices(params, borrowed, context));
      return std::make_shared<const StackedCommitment>(std::move(data), context);
    });
  }

  Result<HostCommitment> export_commitment(const Commitment& commitment, const Context&) override {
    return guard([&] {
      const StackedCommitment& mine = own<StackedCommitment>(&commitment, "the commitment");
      return mine.data();
    });
  }

  Result<std::shared_ptr<const Commitment>> import_commitment(
      const SystemParams& params, std::shared_ptr<const HostCommitment> commitment,
      const Context& context) override {
    return guard([&]() -> std::shared_ptr<const Commitment> {
      check_commitment(params, *commitment);
      return std::make_shared<const StackedCommitment>(std::move(commitment), context);
    });
  }

  Result<std::shared_ptr<const DeviceKey>> load_key(std::shared_ptr<const ProvingKey> key,
                                                    const Context& context) override {
    return guard([&]() -> std::shared_ptr<const DeviceKey> {
      return std::make_shared<const Key>(std::move(key), context);
    });
  }

  Result<std::unique_ptr<Session>> begin(std::shared_ptr<const DeviceKey> key, const ProofShape& shape,
                                         std::vector<TraceInput> traces, const Context& context) override {
    return guard([&]() -> std::unique_ptr<Session> {
      return std::make_unique<ReferenceSession>(own<Key>(key, "the key"), shape, std::move(traces), context);
    });
  }

 private:
  DeviceInfo info_;
};

class ReferenceBackend final : public Backend {
 public:
  std::string name() const override { return "reference"; }
  int score() const override { return 0; }
  std::vector<DeviceInfo> devices() const override {
    return {{"reference", "plain scalar code on one thread", physical_memory(), true}};
  }
  Result<std::shared_ptr<Device>> open(uint32_t index) override {
    return guard([&]() -> std::shared_ptr<Device> {
      if (index != 0) throw Error(FailureKind::kDevice, "the reference backend has one device, number 0");
      return std::make_shared<ReferenceDevice>(devices()[0]);
    });
  }
};

}  // namespace
}  // namespace openswirl::reference

namespace openswirl {

std::shared_ptr<Backend> make_reference_backend() { return std::make_shared<reference::ReferenceBackend>(); }

}  // namespace openswirl
