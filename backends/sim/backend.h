// The sim backend: the GPU stages on the emulator, for development and tests.
#pragma once

#include <memory>

#include "backend/backend.h"

namespace openswirl {

// Named "sim", one device; never chosen automatically.
std::shared_ptr<Backend> make_sim_backend();

}  // namespace openswirl
