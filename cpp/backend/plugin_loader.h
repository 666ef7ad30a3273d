// Loads a backend plugin from an explicit path into the registry.
#pragma once

#include <string>

#include "backend/registry.h"

namespace openswirl {

// Opens the shared library, compares its ABI tag with this core's, and registers its backend; returns its
// name. Fails with kDevice: not absolute, does not load, is no plugin, another ABI, its factory failed; with
// kInput for a name that is taken. A library stays loaded for the life of the process.
Result<std::string> load_plugin(const std::string& path, Registry& registry = Registry::global());

}  // namespace openswirl
