// The backends of the conformance suite, loaded as plugins.
#pragma once

#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "backend/plugin_loader.h"

// Those of the list in tests/cpp/CMakeLists.txt; each is also the name of its first device.
inline const std::vector<std::string>& backend_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> loaded;
    std::istringstream paths(OPENSWIRL_PLUGINS);
    for (std::string path; std::getline(paths, path, ':');)
      loaded.push_back(openswirl::load_plugin(path).take());
    return loaded;
  }();
  return names;
}

// Calls test(device) for the first device of every backend.
inline void on_every_backend(const std::function<void(openswirl::Device&)>& test) {
  for (const std::string& name : backend_names()) test(*openswirl::Registry::global().open(name).take());
}
