// Device strings as Python gives them.
#pragma once

#include <memory>
#include <string>

#include "backend/backend.h"

namespace openswirl::bindings {

// What the registry opens, and "lockstep:A,B": both devices side by side, every message compared.
std::shared_ptr<Device> open_device(const std::string& name);

}  // namespace openswirl::bindings
