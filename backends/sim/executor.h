// Executes one command of a submission.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <unordered_map>

#include "gpu/runtime.h"
#include "sim/group.h"
#include "sim/runtime.h"

namespace openswirl::sim {

class SimProgram final : public gpu::KernelProgram {
 public:
  // Throws Error{kInternal} if the entries are not those that the text declares.
  SimProgram(gpu::KernelText text, CompiledText compiled);
  const Entry& entry(size_t kernel) const { return compiled_.entries[kernel]; }

 private:
  CompiledText compiled_;
};

// Runs all groups of a dispatch on the threads of `context`; what they did. Throws Error{kDevice} if a check
// fails.
Counts run_groups(const Launch& launch, const Context& context);

class Executor {
 public:
  explicit Executor(const Schedule& schedule);

  // Throws Error{kDevice} if a check fails. Groups run on the threads of `context`. A mark adds its time.
  void run(const gpu::Command& command, const Context& context, std::vector<double>& marks);

  // What a dispatch would do, from `sample` of its groups that lie evenly, or from all if there are no more.
  // Those groups run, and leave in memory what they leave. `groups` of the result says how many it were; the
  // other counts are theirs alone.
  Counts sample(const gpu::DispatchCommand& command, uint64_t sample) const;

  std::map<std::string, Counts> counts() const;

 private:
  Launch launch(const gpu::DispatchCommand& command) const;
  void dispatch(const gpu::DispatchCommand& command, const Context& context);

  Schedule schedule_;
  std::unordered_map<std::string, const Entry*> entries_;
  mutable std::mutex mutex_;
  std::map<std::string, Counts> counts_;
};

}  // namespace openswirl::sim
