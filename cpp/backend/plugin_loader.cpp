#include "backend/plugin_loader.h"

#include <dlfcn.h>

#include <cstring>
#include <utility>

#include "openswirl/plugin.h"

namespace openswirl {
namespace {

Failure refused(const std::string& path, const std::string& reason) {
  Failure failure;
  failure.kind = FailureKind::kDevice;
  failure.where = path;
  failure.message = "plugin " + path + " was refused: " + reason;
  return failure;
}

// The first difference between the tags as a sentence; empty if they are equal.
std::string abi_difference(const AbiTag& plugin) {
  const auto differs = [](const char* what, const char* theirs, const char* ours) -> std::string {
    if (std::strcmp(theirs, ours) == 0) return {};
    return std::string("its ") + what + " is '" + theirs + "', this core's is '" + ours +
           "'; rebuild it against the installed headers with the same compiler family";
  };
  std::string difference = differs("compiler", plugin.compiler, kAbiTag.compiler);
  if (difference.empty()) {
    difference = differs("standard library", plugin.standard_library, kAbiTag.standard_library);
  }
  if (difference.empty()) difference = differs("core build id", plugin.core_build_id, kAbiTag.core_build_id);
  return difference;
}

}  // namespace

Result<std::string> load_plugin(const std::string& path, Registry& registry) {
  // dlopen searches for names without a slash, and a relative path would depend on the current directory.
  if (path.empty() || path.front() != '/') return refused(path, "a plugin is named by its absolute path");
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char* reason = dlerror();
    return refused(path, reason ? reason : "it does not load");
  }
  const auto info_function = reinterpret_cast<PluginInfoFunction>(dlsym(library, "openswirl_plugin_info"));
  const auto register_function =
      reinterpret_cast<PluginRegisterFunction>(dlsym(library, "openswirl_plugin_register"));
  if (!info_function || !register_function) {
    dlclose(library);
    return refused(path, "it does not export openswirl_plugin_info and openswirl_plugin_register");
  }
  const PluginInfo info = *info_function();
  const std::string name = info.name;
  const std::string difference = abi_difference(info.abi);
  if (!difference.empty()) {
    Failure failure = refused(path, difference);
    registry.add_unavailable(name, failure.message, path);
    dlclose(library);
    return failure;
  }
  // From here on its code may be referenced from anywhere, so it is never unloaded.
  PluginResult result{Failure{}};
  register_function(&result);
  if (!result.ok()) {
    Failure failure = refused(path, result.failure().message);
    registry.add_unavailable(name, result.failure().message, path);
    return failure;
  }
  const std::shared_ptr<Backend> backend = std::move(result).take();
  if (!backend) return refused(path, "its factory returned nothing");
  if (backend->name() != name) {
    return refused(path, "its backend is called '" + backend->name() + "', the plugin '" + name + "'");
  }
  Status added = registry.add(backend, path);
  if (!added.ok()) return added.failure();
  return name;
}

}  // namespace openswirl
