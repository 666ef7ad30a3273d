// The backend "null": plans proofs on a GPU runtime that executes nothing (docs/gpu-backends.md). Device 0
// has unified memory, device 1 memory of its own.
#pragma once

#include "backend/backend.h"

namespace openswirl {

std::shared_ptr<Backend> make_null_backend();

}  // namespace openswirl
