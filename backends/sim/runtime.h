// The GPU runtime on the CPU: every command is checked, then executed when somebody waits for it, so that
// results read too early are still poison.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "gpu/runtime.h"
#include "sim/group.h"

namespace openswirl::sim {

// Kernels of a text as this process can call them: one entry per kernel, in order.
struct CompiledText {
  std::vector<Entry> entries;
  std::shared_ptr<void> library;  // which the entries are in
};

struct Options {
  Schedule schedule;
  // Watch every word of device memory; slower, and four times its memory.
  bool shadow = true;
  // Turns a text into entries; the emulator has no compiler of its own. Throws Error{kDevice}.
  std::function<CompiledText(const gpu::KernelText&)> compiler = {};

  // From OPENSWIRL_SIM_ORDER (forward, reverse, random or random:SEED) and OPENSWIRL_SIM_SHADOW (on or off).
  // Throws Error{kInput} for other values.
  static Options from_environment();
};

class SimRuntime : public gpu::Runtime {
 public:
  // What the kernels executed so far did, by symbol.
  virtual std::map<std::string, Counts> counts() const = 0;
};

std::shared_ptr<SimRuntime> make_runtime(const Options& options);

}  // namespace openswirl::sim
