// An example backend: it offers the reference device under its own name. A real one implements Device,
// Session and the workers itself; this one shows everything around them.
#include <memory>
#include <string>
#include <vector>

#include "backend/registry.h"
#include "openswirl/plugin.h"
#include "runtime/notices.h"

namespace {

using namespace openswirl;

// Passes every call on, but answers to another name.
class ExampleDevice final : public Device {
 public:
  explicit ExampleDevice(std::shared_ptr<Device> inner) : inner_(std::move(inner)), info_(inner_->info()) {
    info_.name = "example";
    info_.description = "the reference device, through a plugin";
  }
  const DeviceInfo& info() const override { return info_; }
  std::string unsupported_reason(const ProofShape& shape) const override {
    return inner_->unsupported_reason(shape);
  }
  Result<MemoryPlan> plan(const VerifyingKey& vk, const ProofShape& shape) const override {
    return inner_->plan(vk, shape);
  }
  Status self_test(const Context& context) override { return inner_->self_test(context); }
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
    return inner_->export_commitment(commitment, context);
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
    return inner_->begin(std::move(key), shape, std::move(traces), context);
  }

 private:
  std::shared_ptr<Device> inner_;
  DeviceInfo info_;
};

class ExampleBackend final : public Backend {
 public:
  std::string name() const override { return "example"; }
  int score() const override { return 0; }  // never chosen by "auto"
  std::vector<DeviceInfo> devices() const override {
    return {DeviceInfo{"example", "the reference device, through a plugin", 0, true}};
  }
  Result<std::shared_ptr<Device>> open(uint32_t) override {
    return guard([]() -> std::shared_ptr<Device> {
      // What takes a device long while it is opened is told like this.
      add_news("example borrows the reference device");
      return std::make_shared<ExampleDevice>(Registry::global().open("reference").take());
    });
  }
};

std::shared_ptr<Backend> make_example_backend() { return std::make_shared<ExampleBackend>(); }

}  // namespace

OPENSWIRL_PLUGIN("example", "1.0", make_example_backend);
