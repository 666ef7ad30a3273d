// The plugin where there is no Metal: a backend without devices that says why.
#include "openswirl/plugin.h"

namespace {

using namespace openswirl;

class MissingMetal final : public Backend {
 public:
  std::string name() const override { return "metal"; }
  int score() const override { return 0; }
  std::vector<DeviceInfo> devices() const override { return {}; }
  std::string unavailable_reason() const override {
#ifdef __APPLE__
    return "this build is for Intel processors, and the kernels need a GPU of Apple silicon; if this Mac has "
           "one, "
           "then its Python runs translated by Rosetta: install an arm64 Python";
#else
    return "Metal is a part of macOS, and this build is for another system";
#endif
  }
  Result<std::shared_ptr<Device>> open(uint32_t) override {
    return guard(
        [&]() -> std::shared_ptr<Device> { throw Error(FailureKind::kDevice, unavailable_reason()); });
  }
};

std::shared_ptr<Backend> make_missing_metal() { return std::make_shared<MissingMetal>(); }

}  // namespace

OPENSWIRL_PLUGIN("metal", "0.1.0", make_missing_metal);
