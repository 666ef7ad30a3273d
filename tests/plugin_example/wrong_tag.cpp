// A plugin whose ABI tag differs from the core's in WRONG_PART; registering it would be a bug.
#include <cstdlib>

#include "openswirl/plugin.h"

extern "C" __attribute__((visibility("default"))) const openswirl::PluginInfo* openswirl_plugin_info() {
  static openswirl::PluginInfo info{WRONG_NAME, "1.0", openswirl::kAbiTag};
  info.abi.WRONG_PART = "something else";
  return &info;
}

extern "C" __attribute__((visibility("default"))) void openswirl_plugin_register(openswirl::PluginResult*) {
  std::abort();
}
