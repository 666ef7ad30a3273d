#include "sim/backend.h"

#include "gpu/device.h"
#include "sim/runtime.h"

namespace openswirl {
namespace {

class SimBackend final : public Backend {
 public:
  std::string name() const override { return "sim"; }
  int score() const override { return 0; }
  std::vector<DeviceInfo> devices() const override {
    auto info = guard(describe);
    if (!info.ok()) return {};
    return {std::move(info).take()};
  }
  std::string unavailable_reason() const override {
    const auto info = guard(describe);
    return info.ok() ? std::string() : info.failure().message;
  }
  Result<std::shared_ptr<Device>> open(uint32_t index) override {
    return guard([&] {
      if (index != 0) throw Error(FailureKind::kDevice, "the sim backend has one device, number 0");
      return gpu::make_device(sim::make_runtime(sim::Options::from_environment()));
    });
  }

 private:
  // Throws Error{kInput} if a variable of the emulator has an unknown value.
  static DeviceInfo describe() {
    const auto runtime = sim::make_runtime(sim::Options::from_environment());
    const gpu::RuntimeInfo& info = runtime->info();
    return {info.name, info.description, info.memory_bytes, info.unified_memory};
  }
};

}  // namespace

std::shared_ptr<Backend> make_sim_backend() { return std::make_shared<SimBackend>(); }

}  // namespace openswirl
