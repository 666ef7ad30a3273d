// The cuda backend: the GPU stages on NVIDIA devices.
#pragma once

#include <memory>

#include "backend/backend.h"

namespace openswirl {

// Named "cuda", with one device per GPU that the driver lists; "auto" prefers it to the CPU.
std::shared_ptr<Backend> make_cuda_backend();

}  // namespace openswirl
