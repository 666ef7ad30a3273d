#include "cuda/backend.h"

#include <memory>
#include <mutex>

#include "cuda/runtime.h"
#include "gpu/device.h"
#include "runtime/notices.h"

namespace openswirl {
namespace {

constexpr int kOldestCapability = 70;  // kernel arguments by value as the texts take them

class CudaBackend final : public Backend {
 public:
  std::string name() const override { return "cuda"; }
  int score() const override { return 100; }
  std::vector<DeviceInfo> devices() const override { return found().devices; }
  std::string unavailable_reason() const override { return found().reason; }

  Result<std::shared_ptr<Device>> open(uint32_t index) override {
    return guard([&] {
      const Found& here = found();
      if (index >= here.devices.size()) {
        throw Error(FailureKind::kDevice,
                    here.reason.empty() ? "there is no device cuda:" + std::to_string(index) : here.reason);
      }
      // Of this process: a forked child cannot open what its parent found.
      return gpu::make_device(
          cuda::make_runtime(cuda::driver(), here.compiler, here.ordinals[index], here.devices[index].name));
    });
  }

 private:
  struct Found {
    std::vector<DeviceInfo> devices;
    std::vector<int> ordinals;  // the driver's numbers of the devices
    std::string reason;         // why there are none
    std::shared_ptr<const cuda::Compiler> compiler;
  };

  // Looked for once: drivers and packages do not come and go while a process runs.
  const Found& found() const {
    std::call_once(once_, [this] {
      const Status looked = guard([this] { look(found_); });
      if (looked.ok()) return;
      found_.devices.clear();
      found_.reason = looked.failure().message;
    });
    return found_;
  }

  static void look(Found& found) {
    const cuda::Driver& driver = cuda::driver();
    int count = 0;
    driver.check(driver.device_count(&count), "cuDeviceGetCount");
    if (count == 0) throw Error(FailureKind::kDevice, "the NVIDIA driver lists no GPU");
    found.compiler = std::make_shared<const cuda::Compiler>(driver.version_number);
    std::string reasons;
    for (int index = 0; index < count; ++index) {
      const cuda::DeviceFacts facts = cuda::device_facts(driver, index);
      const std::string reason = unusable(facts, *found.compiler);
      if (!reason.empty()) {
        reasons += (reasons.empty() ? "" : "; ") + reason;
        continue;
      }
      found.ordinals.push_back(index);
      found.devices.push_back({"cuda:" + std::to_string(found.devices.size()),
                               cuda::description(driver, *found.compiler, facts), facts.memory_bytes, false});
    }
    if (found.devices.empty()) throw Error(FailureKind::kDevice, reasons);
    if (!reasons.empty()) add_notice("cuda leaves out " + reasons);
  }

  // Empty, or why a GPU is none for these kernels.
  static std::string unusable(const cuda::DeviceFacts& facts, const cuda::Compiler& compiler) {
    if (facts.capability < kOldestCapability) {
      return facts.name + " has compute capability " + std::to_string(facts.capability / 10) + "." +
             std::to_string(facts.capability % 10) + "; the kernels need 7.0";
    }
    if (!compiler.supports(facts.capability)) {
      return compiler.name() + " cannot compile for " + facts.name + " (sm_" +
             std::to_string(facts.capability) + "); pip install 'openswirl[cuda13]'";
    }
    return {};
  }

  mutable std::once_flag once_;
  mutable Found found_;
};

}  // namespace

std::shared_ptr<Backend> make_cuda_backend() { return std::make_shared<CudaBackend>(); }

}  // namespace openswirl
