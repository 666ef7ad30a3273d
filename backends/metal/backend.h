// The Metal backend: GPUs of Apple silicon, as devices "metal:0", "metal:1", ...
#pragma once

#include <memory>

#include "backend/backend.h"

namespace openswirl {

std::shared_ptr<Backend> make_metal_backend();

}  // namespace openswirl
