// The reference backend: plain scalar code on one thread, written to be read beside the protocol parts 03 to
// 06.
#pragma once

#include <memory>

#include "backend/backend.h"

namespace openswirl {

// Named "reference", one device, never chosen by "auto".
std::shared_ptr<Backend> make_reference_backend();

}  // namespace openswirl
