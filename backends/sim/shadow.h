// What the emulator remembers of every word of device memory: who wrote it and who read it last in the
// current dispatch, and whether it was ever written. So it sees races between groups, exchanges inside a
// group that no device barrier orders, and reads of words that nobody wrote.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

namespace openswirl::sim {

// Who touches a word. `epoch` counts the device barriers its group has passed.
struct Toucher {
  uint32_t group, thread, epoch;
};

enum class Touch { kRead, kWrite, kAtomic };

// Which earlier dispatches are over when one begins, where dispatches may run together.
class Earlier {
 public:
  virtual ~Earlier() = default;
  virtual bool over(uint32_t dispatch) const = 0;
};

class Shadow {
 public:
  explicit Shadow(uint64_t words);

  // Begins a dispatch; its number for touch(). Not while another one touches this memory.
  uint32_t begin_dispatch();
  // Null if it is allowed, else what is wrong. Without `earlier` all other dispatches are over.
  const char* touch(uint64_t word, Touch touch, const Toucher& who, uint32_t dispatch,
                    const Earlier* earlier = nullptr);

  // Whole ranges, outside of dispatches.
  void set_written(uint64_t first, uint64_t count);
  void set_unwritten(uint64_t first, uint64_t count);
  // The first word of the range that nobody wrote, or first + count.
  uint64_t find_unwritten(uint64_t first, uint64_t count) const;

 private:
  // Who touched a word last: dispatch, group, thread and epoch packed; 0 = nobody ever.
  struct Cell {
    std::atomic<uint64_t> writer{0}, reader{0};
  };
  uint64_t words_;
  std::unique_ptr<Cell[]> cells_;
  uint32_t dispatch_ = 1;  // 1: whoever wrote outside of dispatches
};

}  // namespace openswirl::sim
