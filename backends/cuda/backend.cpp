#include "cuda/backend.h"

#include <memory>
#include <mutex>

#include "cuda/runtime.h"
#include "gpu/device.h"

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
      return gpu::make_device(cuda::make_runtime(cuda::driver(), here.compiler, static_cast<int>(index)));
    });
  }

 private:
  struct Found {
    std::vector<DeviceInfo> devices;
    std::string reason;  // why there are none
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
    for (int index = 0; index < count; ++index) {
      const cuda::DeviceFacts facts = cuda::device_facts(driver, index);
      if (facts.capability < kOldestCapability) {
        throw Error(FailureKind::kDevice, facts.name + " has compute capability " +
                                              std::to_string(facts.capability / 10) + "." +
                                              std::to_string(facts.capability % 10) +
                                              "; the kernels need 7.0; CUDA_VISIBLE_DEVICES hides it");
      }
      if (!found.compiler->supports(facts.capability)) {
        throw Error(FailureKind::kDevice, found.compiler->name() + " cannot compile for " + facts.name +
                                              " (sm_" + std::to_string(facts.capability) +
                                              "); pip install 'openswirl[cuda13]'");
      }
      found.devices.push_back({"cuda:" + std::to_string(index),
                               cuda::description(driver, *found.compiler, facts), facts.memory_bytes, false});
    }
  }

  mutable std::once_flag once_;
  mutable Found found_;
};

}  // namespace

std::shared_ptr<Backend> make_cuda_backend() { return std::make_shared<CudaBackend>(); }

}  // namespace openswirl
