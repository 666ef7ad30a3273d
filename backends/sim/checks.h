// What the emulated kernels call: who they are, and the checks of memory accesses, barriers and shuffles. A
// check that fails ends the dispatch with Error{kDevice}.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/planned.h"
#include "sim/shadow.h"

// Kernels may be loaded at run time, and find these names in the program that runs them.
#define OPENSWIRL_SIM_API __attribute__((visibility("default")))

namespace openswirl::sim {

struct Index3 {
  uint32_t x, y, z;
};

// What a kernel knows of the thread that runs it.
struct ThreadIndex {
  Index3 gid, tid, bid, tgs, ntg;
  uint32_t lane, simd;
};

// Work of a kernel, for models of its cost.
struct Counts : KernelOperations {
  uint64_t barriers = 0, threads = 0, groups = 0, dispatches = 0;
  // Of the group that takes longest: from barrier to barrier its slowest thread.
  KernelOperations longest;

  Counts& operator+=(const Counts& other);
};

extern OPENSWIRL_SIM_API thread_local const ThreadIndex* current;
extern OPENSWIRL_SIM_API thread_local Counts counts;

// An access of the current thread to `words` words. Throws if they are not all inside one bound range of the
// dispatch that allows it, are misaligned, were never written, or race with another thread.
OPENSWIRL_SIM_API void touch(const void* address, uint32_t words, Touch touch, const char* file, int line);

OPENSWIRL_SIM_API void barrier(bool orders_device, const char* file, int line);
// The value that the thread in lane `source` of the same SIMD group passed; `may_leave`: a source beyond the
// group gives an undefined value instead of an error.
OPENSWIRL_SIM_API uint32_t shuffle(uint32_t value, uint32_t source, bool may_leave, const char* file,
                                   int line);
// The array of the current group; poisoned at first use.
OPENSWIRL_SIM_API void* shared_array(const void* key, size_t bytes);

}  // namespace openswirl::sim
