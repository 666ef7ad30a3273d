#include "gpu/device.h"

#include "gpu/ceilings.h"
#include "gpu/plan.h"
#include "gpu/self_test.h"
#include "gpu/session.h"

namespace openswirl::gpu {
namespace {

class GpuDevice final : public Device {
 public:
  explicit GpuDevice(std::shared_ptr<Runtime> runtime) : engine_(make_engine(std::move(runtime))) {
    const RuntimeInfo& of = engine_->runtime->info();
    info_ = {of.name, of.description, of.memory_bytes, of.unified_memory, of.executes};
  }

  const DeviceInfo& info() const override { return info_; }

  std::string unsupported_reason(const ProofShape& shape) const override {
    const SystemParams& params = shape.params;
    if (params.l_skip > kMaxBlockLog) {
      return "l_skip is " + std::to_string(params.l_skip) + ", the device's kernels go up to " +
             std::to_string(kMaxBlockLog);
    }
    return {};
  }

  Result<MemoryPlan> plan(const VerifyingKey& vk, const ProofShape& shape) const override {
    return guard([&] { return make_plan(vk, shape, engine_->runtime->info()); });
  }

  Status self_test(const Context& context) override {
    return guard([&] {
      Work work(engine_, context);
      run_self_test(work);
    });
  }

  Result<Ceilings> ceilings(const Context& context) override {
    // Times of an emulator say nothing.
    if (engine_->runtime->info().tuning_threads == 0) return Device::ceilings(context);
    return guard([&] {
      Work work(engine_, context);
      return measure_ceilings(work);
    });
  }

  Result<std::shared_ptr<const DeviceMatrix>> import(const HostMatrix& matrix,
                                                     const Context& context) override {
    return guard([&]() -> std::shared_ptr<const DeviceMatrix> {
      Work work(engine_, context);
      return std::make_shared<const Matrix>(matrix, work);
    });
  }

  Result<std::shared_ptr<const Commitment>> commit(
      const SystemParams& params, std::span<const std::shared_ptr<const DeviceMatrix>> matrices,
      const Context& context) override {
    return guard([&]() -> std::shared_ptr<const Commitment> {
      if (params.l_skip > kMaxBlockLog) {
        throw Error(FailureKind::kUnsupported, "l_skip is " + std::to_string(params.l_skip) +
                                                   ", the device's kernels go up to " +
                                                   std::to_string(kMaxBlockLog));
      }
      std::vector<TraceSource> sources;
      for (const auto& matrix : matrices) sources.push_back(own<Matrix>(matrix, "a matrix")->source());
      Work work(engine_, context);
      return std::make_shared<const Committed>(work, params, std::span(std::as_const(sources)));
    });
  }

  Result<HostCommitment> export_commitment(const Commitment& commitment, const Context& context) override {
    return guard([&] {
      const Committed& mine = own<Committed>(&commitment, "the commitment");
      Work work(engine_, context);
      return mine.to_host(work);
    });
  }

  Result<std::shared_ptr<const Commitment>> import_commitment(
      const SystemParams& params, std::shared_ptr<const HostCommitment> commitment,
      const Context& context) override {
    return guard([&]() -> std::shared_ptr<const Commitment> {
      Work work(engine_, context);
      return std::make_shared<const Committed>(work, params, std::move(commitment));
    });
  }

  Result<std::shared_ptr<const DeviceKey>> load_key(std::shared_ptr<const ProvingKey> key,
                                                    const Context& context) override {
    return guard([&]() -> std::shared_ptr<const DeviceKey> {
      Work work(engine_, context);
      return std::make_shared<const Key>(std::move(key), work);
    });
  }

  Result<std::unique_ptr<Session>> begin(std::shared_ptr<const DeviceKey> key, const ProofShape& shape,
                                         std::vector<TraceInput> traces, const Context& context) override {
    return guard(
        [&] { return make_session(engine_, own<Key>(key, "the key"), shape, std::move(traces), context); });
  }

 private:
  std::shared_ptr<const Engine> engine_;
  DeviceInfo info_;
};

}  // namespace

std::shared_ptr<Device> make_device(std::shared_ptr<Runtime> runtime) {
  return std::make_shared<GpuDevice>(std::move(runtime));
}

}  // namespace openswirl::gpu
