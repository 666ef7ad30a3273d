#include "tests/cpp/fake_metal/open_runtime.h"

#include "metal/runtime.h"

namespace fake_metal_test {

std::shared_ptr<openswirl::gpu::Runtime> open_runtime(double timeout_seconds) {
  namespace metal = openswirl::metal;
  std::string why_none;
  metal::Options options = metal::Options::from_environment();
  options.timeout = std::chrono::duration<double>(timeout_seconds);
  return metal::make_runtime(metal::find_gpus(why_none).at(0), "metal:0", options);
}

}  // namespace fake_metal_test
