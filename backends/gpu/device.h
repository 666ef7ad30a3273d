// A device of any GPU backend: the stages of backends/gpu on one runtime.
#pragma once

#include "backend/backend.h"
#include "gpu/runtime.h"

namespace openswirl::gpu {

// Throws Error if the runtime cannot work.
std::shared_ptr<Device> make_device(std::shared_ptr<Runtime> runtime);

}  // namespace openswirl::gpu
