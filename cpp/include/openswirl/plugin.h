// What a backend plugin exports: two C entry points, written by OPENSWIRL_PLUGIN in one file of the plugin.
#pragma once

#include <memory>

#include "backend/backend.h"
#include "openswirl/abi.h"
#include "openswirl/result.h"

namespace openswirl {

// Plain data with a fixed layout: read before anything else of a plugin is trusted.
struct PluginInfo {
  const char* name;     // of the backend, as in device="name"
  const char* version;  // of the plugin
  AbiTag abi;
};

using PluginResult = Result<std::shared_ptr<Backend>>;
using PluginInfoFunction = const PluginInfo* (*)();
using PluginRegisterFunction = void (*)(PluginResult*);

}  // namespace openswirl

// OPENSWIRL_PLUGIN("name", "1.0", make_backend): make_backend() returns a (shared or unique) pointer to the
// Backend, or throws openswirl::Error, whose text then tells users why the device is missing.
#define OPENSWIRL_PLUGIN(plugin_name, plugin_version, factory)                                            \
  extern "C" __attribute__((visibility("default"))) const openswirl::PluginInfo* openswirl_plugin_info(); \
  extern "C" __attribute__((visibility("default"))) void openswirl_plugin_register(                       \
      openswirl::PluginResult*);                                                                          \
  const openswirl::PluginInfo* openswirl_plugin_info() {                                                  \
    static constexpr openswirl::PluginInfo info{plugin_name, plugin_version, openswirl::kAbiTag};         \
    return &info;                                                                                         \
  }                                                                                                       \
  void openswirl_plugin_register(openswirl::PluginResult* result) {                                       \
    *result = openswirl::guard([]() -> std::shared_ptr<openswirl::Backend> { return factory(); });        \
  }                                                                                                       \
  static_assert(true, "needs a semicolon")
