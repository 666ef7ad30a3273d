#include "cuda/compiler.h"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "openswirl/failure.h"
#include "runtime/library_folders.h"

namespace openswirl::cuda {
namespace {

constexpr const char* kVariable = "OPENSWIRL_NVRTC";
// The name of every major version that will do, newest first.
constexpr std::array<const char*, 2> kNames = {"libnvrtc.so.13", "libnvrtc.so.12"};
constexpr size_t kShownLog = 2000;  // characters of a compiler's messages in an error

constexpr const char* kOptions[] = {"--std=c++17"};

std::string version_text(int major, int minor) { return std::to_string(major) + "." + std::to_string(minor); }

// Where it may be: in packages, then wherever the loader looks, then in a toolkit.
std::vector<std::string> places() {
  std::vector<std::string> found;
  for (const char* name : kNames) {
    for (const std::string& folder : library_folders()) {
      const std::string path = folder + "/" + name;
      if (std::filesystem::exists(path)) found.push_back(path);
    }
    found.emplace_back(name);
    found.push_back(std::string("/usr/local/cuda/lib64/") + name);
  }
  return found;
}

}  // namespace

bool Compiler::load(const std::string& path, std::string& why) {
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char* reason = dlerror();
    why = reason ? reason : path + " does not load";
    return false;
  }
  bool complete = true;
  const auto find = [&](auto& function, const char* name) {
    function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(library, name));
    if (!function) why = path + " has no " + name, complete = false;
  };
  find(entries_.version, "nvrtcVersion");
  find(entries_.num_architectures, "nvrtcGetNumSupportedArchs");
  find(entries_.architectures, "nvrtcGetSupportedArchs");
  find(entries_.create, "nvrtcCreateProgram");
  find(entries_.destroy, "nvrtcDestroyProgram");
  find(entries_.compile, "nvrtcCompileProgram");
  find(entries_.log_size, "nvrtcGetProgramLogSize");
  find(entries_.log, "nvrtcGetProgramLog");
  find(entries_.code_size, "nvrtcGetCUBINSize");
  find(entries_.code, "nvrtcGetCUBIN");
  find(entries_.error_text, "nvrtcGetErrorString");
  return complete && entries_.version(&major_, &minor_) == 0;
}

Compiler::Compiler(int driver_version) {
  const int driver_major = driver_version / 1000;
  std::string why, too_new;
  if (const char* asked = std::getenv(kVariable)) {
    if (load(asked, why)) return;
    throw Error(FailureKind::kDevice, std::string(kVariable) + " names no NVRTC: " + why);
  }
  for (const std::string& path : places()) {
    if (!load(path, why)) continue;
    if (major_ <= driver_major) return;
    too_new = version_text(major_, minor_);
  }
  if (!too_new.empty()) {
    throw Error(FailureKind::kDevice, "NVRTC " + too_new + " is newer than the driver, which is for CUDA " +
                                          version_text(driver_major, driver_version % 1000 / 10) +
                                          "; update the driver, or pip install 'openswirl[cuda]', which "
                                          "brings NVRTC 12");
  }
  throw Error(FailureKind::kDevice, "NVRTC, which compiles the kernels, was not found (" + why +
                                        "); pip install 'openswirl[cuda]'");
}

std::string Compiler::name() const { return "NVRTC " + version_text(major_, minor_); }

std::string Compiler::fingerprint() const {
  std::string text = name();
  for (const char* option : kOptions) text += std::string(" ") + option;
  return text;
}

bool Compiler::supports(int capability) const {
  int count = 0;
  check(entries_.num_architectures(&count), "nvrtcGetNumSupportedArchs");
  std::vector<int> known(static_cast<size_t>(count));
  check(entries_.architectures(known.data()), "nvrtcGetSupportedArchs");
  return std::find(known.begin(), known.end(), capability) != known.end();
}

void Compiler::check(Code code, const std::string& what) const {
  if (code == 0) return;
  throw Error(FailureKind::kDevice, what + " failed: " + entries_.error_text(code));
}

std::vector<char> Compiler::compile(const std::string& name, const std::string& text, int capability) const {
  Program program = nullptr;
  check(entries_.create(&program, text.c_str(), name.c_str(), 0, nullptr, nullptr), "nvrtcCreateProgram");
  const auto destroy = [this](Program* made) { entries_.destroy(made); };
  const std::unique_ptr<Program, decltype(destroy)> owned(&program, destroy);

  const std::string architecture = "--gpu-architecture=sm_" + std::to_string(capability);
  std::vector<const char*> options = {architecture.c_str()};
  options.insert(options.end(), std::begin(kOptions), std::end(kOptions));
  const Code compiled = entries_.compile(program, static_cast<int>(options.size()), options.data());
  if (compiled != 0) {
    size_t size = 0;
    std::string log;
    if (entries_.log_size(program, &size) == 0 && size > 1) {
      log.resize(size);
      if (entries_.log(program, log.data()) == 0) log.resize(std::min(size - 1, kShownLog));
    }
    check(compiled, "compiling " + name + " for sm_" + std::to_string(capability) + " with " + this->name() +
                        " (" + log + ")");
  }
  size_t size = 0;
  check(entries_.code_size(program, &size), "nvrtcGetCUBINSize");
  std::vector<char> code(size);
  check(entries_.code(program, code.data()), "nvrtcGetCUBIN");
  return code;
}

}  // namespace openswirl::cuda
