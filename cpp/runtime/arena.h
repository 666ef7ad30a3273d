// Memory that one proof gives back and the next stage or proof takes over: pages are mapped, and cleared by
// the system, once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>

namespace openswirl {

// Hands out ranges of large mappings and joins what comes back. Keeps every mapping until it is destroyed.
// Thread-safe.
class Arena {
 public:
  // False with OPENSWIRL_POOL=off: every range is an allocation of its own, as sanitizers need it.
  static bool reuse_wanted();
  explicit Arena(bool reuses = reuse_wanted()) : reuses_(reuses) {}
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // `bytes` > 0; 64-byte aligned. Zero if asked for, else with any content. Throws Error{kOutOfMemory}.
  void* take(size_t bytes, bool zeroed);
  // What take(bytes) returned.
  void give(void* data, size_t bytes) noexcept;

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

  mutable std::mutex mutex_;
  // Entries move between the two, so that giving back needs no memory.
  Ranges free_, taken_;
  std::map<std::byte*, size_t> mappings_;
  const bool reuses_;
};

namespace detail {
// Throws Error{kOutOfMemory}; zero if asked for.
void* allocate_memory(size_t bytes, bool zeroed);
void free_memory(void* data, size_t bytes);
}  // namespace detail

}  // namespace openswirl
