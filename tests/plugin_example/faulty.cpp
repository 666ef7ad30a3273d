// A backend that is wrong once: the reference device, but for the one message that FAULTY_DEVICE_FAILS_IN
// names as CALL or CALL:N, its N-th call from 0. Only the tests of the lockstep device and of `doctor` build
// it.
#include "faulty_device.h"

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "backend/registry.h"
#include "openswirl/plugin.h"

namespace {

using namespace openswirl;

faulty::Fault wanted_fault() {
  const char* value = std::getenv("FAULTY_DEVICE_FAILS_IN");
  std::string call = value ? value : "";
  faulty::Fault fault;
  // The separator of the count, not one of the name's two colons.
  const size_t colon = call.rfind(':');
  if (colon != std::string::npos && colon > 0 && call[colon - 1] != ':') {
    fault.countdown = static_cast<uint32_t>(std::stoul(call.substr(colon + 1)));
    call.resize(colon);
  }
  fault.call = call;
  return fault;
}

class FaultyBackend final : public Backend {
 public:
  std::string name() const override { return "faulty"; }
  int score() const override { return 0; }
  std::vector<DeviceInfo> devices() const override {
    return {DeviceInfo{"faulty", "the reference device, wrong once", 0, true}};
  }
  Result<std::shared_ptr<Device>> open(uint32_t) override {
    return guard([]() -> std::shared_ptr<Device> {
      return std::make_shared<faulty::FaultyDevice>(Registry::global().open("reference").take(),
                                                    wanted_fault());
    });
  }
};

std::shared_ptr<Backend> make_faulty_backend() { return std::make_shared<FaultyBackend>(); }

}  // namespace

OPENSWIRL_PLUGIN("faulty", "1.0", make_faulty_backend);
