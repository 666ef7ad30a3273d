// Counts the bytes a session holds; every allocation of a worker is charged here.
#pragma once

#include <atomic>
#include <cstdint>

namespace openswirl {

class MemoryMeter {
 public:
  // limit = 0: no limit of our own.
  explicit MemoryMeter(uint64_t limit = 0) : limit_(limit) {}

  // Throws Error{kOutOfMemory, need, have} beyond the limit; nothing is charged then.
  void charge(uint64_t bytes, const char* what);
  void release(uint64_t bytes) { current_.fetch_sub(bytes, std::memory_order_relaxed); }
  uint64_t limit() const { return limit_; }
  uint64_t current() const { return current_.load(std::memory_order_relaxed); }
  uint64_t peak() const { return peak_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> current_{0}, peak_{0};
  uint64_t limit_;
};

}  // namespace openswirl
