// Runs the threads of one threadgroup on fibres: in a chosen order, from barrier to barrier.
#pragma once

#include <array>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "gpu/kernel_info.h"
#include "sim/checks.h"
#include "sim/entry.h"
#include "sim/fibre.h"

namespace openswirl::sim {

// In which order threads, groups and commands that nothing orders run.
enum class Order { kForward, kReverse, kRandom };

struct Schedule {
  Order order = Order::kForward;
  uint64_t seed = 1;
};

// Memory that a dispatch may touch.
struct Bound {
  const std::byte* begin;
  const std::byte* end;
  const std::byte* memory;  // start of the allocation
  const char* name;
  gpu::Access access;
  Shadow* shadow;   // null: not checked
  uint32_t number;  // of this dispatch in the shadow
};

// One dispatch, as its groups see it.
struct Launch {
  const Entry* entry;
  std::vector<void*> buffers;
  const void* args;
  std::vector<Bound> bound;
  uint32_t group_size;
  uint32_t threadgroup_bytes;
  Index3 groups;
  Schedule schedule;
  const Earlier* earlier = nullptr;  // if the dispatch may run together with others
};

// Runs group after group; one per operating-system thread.
class GroupRunner {
 public:
  // Throws Error{kDevice} that names kernel, group, thread and line if a check fails.
  void run(const Launch& launch, uint32_t group);

  // Called by the running thread.
  void touch(const void* address, uint32_t words, Touch touch, const char* file, int line);
  void barrier(bool orders_device, const char* file, int line);
  uint32_t shuffle(uint32_t value, uint32_t source, bool may_leave, const char* file, int line);
  void* shared_array(const void* key, size_t bytes);

 private:
  enum class State { kFresh, kReady, kBarrier, kShuffle, kDone };
  struct Thread {
    ThreadIndex index;
    State state;
    bool orders_device;  // the barrier it waits at
    bool may_leave;
    uint32_t value, source;  // of its shuffle; the result replaces the value
    const char* file;
    int line;
    Fibre* fibre;
  };
  struct SharedArray {
    const void* key;
    size_t bytes;
    std::unique_ptr<std::byte[]> data;
  };

  static void enter(void* self);
  void step(uint32_t thread);
  bool release_shuffles();
  void release_barrier();
  [[noreturn]] void fail(const std::string& what, const char* file, int line) const;
  std::string describe(const Thread& thread) const;

  const Launch* launch_ = nullptr;
  uint32_t group_ = 0, epoch_ = 0;
  uint32_t running_ = 0;
  std::vector<Thread> threads_;
  std::vector<uint32_t> order_;
  std::vector<std::unique_ptr<Fibre>> fibres_;
  std::vector<Fibre*> idle_;
  std::vector<SharedArray> shared_;
  size_t last_bound_ = 0;
  std::exception_ptr failure_;
  KernelOperations slowest_;  // of the threads since all of them last waited
};

}  // namespace openswirl::sim
