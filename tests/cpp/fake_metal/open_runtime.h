// The runtime of backends/metal itself, for tests below the level of devices. Its headers need metal-cpp,
// which only one file here is compiled with.
#pragma once

#include <memory>

#include "gpu/runtime.h"

namespace fake_metal_test {

std::shared_ptr<openswirl::gpu::Runtime> open_runtime(double timeout_seconds = 60);

}  // namespace fake_metal_test
