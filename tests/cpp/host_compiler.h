// Compiles a kernel text with the compiler of this build and loads it, so that the emulator can run kernels
// that are written at run time. The program that uses it exports the emulator's names.
#pragma once

#include <dlfcn.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "sim/runtime.h"

namespace host_compiler {

using namespace openswirl;

inline std::string source_of(const gpu::KernelText& text) {
  std::ostringstream source;
  source << text.text << "\n#include \"sim/entry.h\"\n";
  source << "namespace {\nconst openswirl::sim::Entry entries[] = {\n";
  for (const gpu::TextKernel& kernel : text.kernels) {
    source << "    openswirl::sim::make_entry<&::" << kernel.symbol << ">(\"" << kernel.symbol << "\"),\n";
  }
  source << "};\n}  // namespace\n"
         << "extern \"C\" __attribute__((visibility(\"default"
            "\"))) const openswirl::sim::Entry* openswirl_entries() { return entries; }\n";
  return source.str();
}

// Throws Error{kDevice} with what the compiler said.
inline sim::CompiledText compile(const gpu::KernelText& text) {
  static std::atomic<int> number = 0;
  namespace fs = std::filesystem;
  const fs::path stem = fs::temp_directory_path() / ("openswirl_text_" + std::to_string(getpid()) + "_" +
                                                     std::to_string(number.fetch_add(1)));
  const std::string source = stem.string() + ".cpp", library = stem.string() + ".so",
                    log = stem.string() + ".log";
  std::ofstream(source) << source_of(text);
  const std::string command =
      std::string(OPENSWIRL_HOST_COMPILE) + " -o '" + library + "' '" + source + "' >'" + log + "' 2>&1";
  const int status = std::system(command.c_str());
  std::stringstream said;
  said << std::ifstream(log).rdbuf();
  void* handle = status == 0 ? dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL) : nullptr;
  if (status == 0 && !handle) said << dlerror();
  for (const std::string& file : {source, library, log}) fs::remove(file);
  if (!handle) throw Error(FailureKind::kDevice, text.name + ": " + said.str());

  sim::CompiledText compiled;
  compiled.library = std::shared_ptr<void>(handle, [](void* loaded) { dlclose(loaded); });
  const auto entries = reinterpret_cast<const sim::Entry* (*)()>(dlsym(handle, "openswirl_entries"));
  compiled.entries.assign(entries(), entries() + text.kernels.size());
  return compiled;
}

}  // namespace host_compiler
