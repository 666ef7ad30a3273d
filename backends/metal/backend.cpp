#include "metal/backend.h"

#include <mutex>

#include "gpu/device.h"
#include "gpu/fork_guard.h"
#include "metal/runtime.h"

namespace openswirl {
namespace {

std::string device_name(size_t index) { return "metal:" + std::to_string(index); }

class MetalBackend final : public Backend {
 public:
  std::string name() const override { return "metal"; }
  // Below the CPU's: no Mac has run this yet, so that it is chosen by name only.
  int score() const override { return 5; }

  std::vector<DeviceInfo> devices() const override {
    std::vector<DeviceInfo> infos;
    for (const metal::Gpu& gpu : found().gpus) {
      infos.push_back({device_name(infos.size()), metal::describe(gpu), gpu.working_set, true});
    }
    return infos;
  }
  std::string unavailable_reason() const override { return found().why_none; }

  Result<std::shared_ptr<Device>> open(uint32_t index) override {
    return guard([&] {
      const std::vector<metal::Gpu>& gpus = found().gpus;
      guard_.check("metal");
      if (index >= gpus.size()) {
        throw Error(FailureKind::kDevice, "there is no device " + device_name(index) + ", only " +
                                              std::to_string(gpus.size()) + " of them");
      }
      return gpu::make_device(
          metal::make_runtime(gpus[index], device_name(index), metal::Options::from_environment()));
    });
  }

 private:
  struct Found {
    std::string why_none;
    std::vector<metal::Gpu> gpus;
  };
  // Looked for when somebody asks, so that a process may import this and fork before it uses GPUs.
  const Found& found() const {
    std::call_once(once_, [&] {
      guard_ = gpu::ForkGuard();
      found_.gpus = metal::find_gpus(found_.why_none);
    });
    return found_;
  }

  mutable std::once_flag once_;
  mutable gpu::ForkGuard guard_;
  mutable Found found_;
};

}  // namespace

std::shared_ptr<Backend> make_metal_backend() { return std::make_shared<MetalBackend>(); }

}  // namespace openswirl
