#include "null/backend.h"

#include "gpu/device.h"
#include "null/runtime.h"

namespace openswirl {
namespace {

constexpr uint32_t kDevices = 2;

std::shared_ptr<gpu::Runtime> runtime_of(uint32_t index) { return null_device::make_runtime(index == 0); }

class NullBackend final : public Backend {
 public:
  std::string name() const override { return "null"; }
  int score() const override { return 0; }
  std::vector<DeviceInfo> devices() const override {
    std::vector<DeviceInfo> result;
    for (uint32_t index = 0; index < kDevices; ++index) {
      const gpu::RuntimeInfo info = runtime_of(index)->info();
      result.push_back({info.name, info.description, info.memory_bytes, info.unified_memory, info.executes});
    }
    return result;
  }
  Result<std::shared_ptr<Device>> open(uint32_t index) override {
    return guard([&] {
      if (index >= kDevices) {
        throw Error(FailureKind::kDevice, "the null backend has devices 0 (unified memory) and 1 (its own)");
      }
      return gpu::make_device(runtime_of(index));
    });
  }
};

}  // namespace

std::shared_ptr<Backend> make_null_backend() { return std::make_shared<NullBackend>(); }

}  // namespace openswirl
