// Memory that one proof gives back and the next stage or proof takes over: pages are mapped, and cleared by
// the system, once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>

namespace openswirl {

// Whether pools and arenas may keep memory: OPENSWIRL_POOL is "on", the default. With "off" every request
// gets an allocation of its own, poisoned unless zero was asked for, so that nothing hides a wrong access.
// Throws Error{kInput} for another value.
bool memory_reuse_wanted();

// Hands out ranges of large mappings and joins what comes back. Keeps the mappings until it is trimmed or
// destroyed. Thread-safe.
class Arena {
 public:
  explicit Arena(bool reuses = memory_reuse_wanted()) : reuses_(reuses) {}
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // `bytes` > 0 for `what`; 64-byte aligned. Zero if asked for, else with any content. Throws
  // Error{kOutOfMemory}.
  void* take(size_t bytes, bool zeroed, const char* what);
  // What take(bytes) returned.
  void give(void* data, size_t bytes) noexcept;

  // Gives mappings of which nothing is taken back to the system.
  void trim() noexcept;

  // Bytes of all mappings.
  size_t mapped() const;

 private:
  struct Range {
    size_t bytes;
    bool clean;  // as the system handed it out, zero
  };
  using Ranges = std::map<std::byte*, Range>;

  Ranges::iterator smallest_that_fits(size_t bytes);
  void join_with_next(Ranges::iterator range);
  Ranges::iterator map(size_t bytes, const char* what);
  void unmap_free();

  mutable std::mutex mutex_;
  // Entries move between the two, so that giving back needs no memory.
  Ranges free_, taken_;
  std::map<std::byte*, size_t> mappings_;
  const bool reuses_;
};

namespace detail {
// Throws Error{kOutOfMemory}, which says what it was for; zero if asked for.
void* allocate_memory(size_t bytes, bool zeroed, const char* what);
void free_memory(void* data, size_t bytes);
}  // namespace detail

}  // namespace openswirl
