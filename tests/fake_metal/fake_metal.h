// A Metal device for Linux: metal-cpp sends its messages to a small object runtime, whose GPU is a thread
// that runs the kernels on the emulator. It is strict where Metal is lenient; what it refuses is a violation,
// which fails the command buffer and is kept for tests. This is what tests choose of it: the system, the GPU,
// faults to come.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace fake_metal {

// The machine. Set before the backend looks for devices.
struct System {
  int macos = 15;
  int family = 8;  // of Apple's GPU families
  std::string name = "fake Apple GPU";
  std::string build = "24A335";
  bool translated = false;  // Rosetta
  bool unified_memory = true;
  int devices = 1;
  size_t max_group = 1024;  // threads of a group that any pipeline may have
  uint64_t working_set = uint64_t{8} << 30;
  uint64_t max_buffer = uint64_t{4} << 30;
};

enum class Fault {
  kNone,
  kTimeout,
  kPageFault,
  kOutOfMemory,
  kDeviceRemoved,
  kNeverCompletes,  // nor does anything behind it
};

// What happened since the last reset.
struct Counts {
  uint64_t libraries, compiled_pipelines, archived_pipelines;
  uint64_t command_buffers, encoders, dispatches, barriers, fence_waits, used_resources;
  uint64_t most_dispatches;  // of one command buffer
  uint64_t live_bytes;       // of all buffers, now
};

// Another machine; violations, counts and faults are forgotten. Not while work runs, except such as never
// ends.
void reset(const System& system = {});
const System& system();
// The command buffer that many commits ahead (0 is the next) ends with the fault.
void plan_fault(Fault fault, uint64_t ahead = 0);

Counts counts();
// Sentences, oldest first. Whatever they are about would go wrong on a real device, or might.
std::vector<std::string> violations();

}  // namespace fake_metal
