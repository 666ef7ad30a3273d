// The CPU backend: the stages of cpp/stages on a thread pool, behind the backend interface.
#pragma once

#include <memory>

#include "backend/backend.h"

namespace openswirl {

// Named "cpu", one device.
std::shared_ptr<Backend> make_cpu_backend();

}  // namespace openswirl
