#include "runtime/arena.h"

#include <cstdlib>
#include <cstring>
#include <iterator>
#include <string>
#include <string_view>

#include "openswirl/failure.h"

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace openswirl {
namespace {

constexpr size_t kAlignment = 64;
// One huge page: mappings are whole ones.
constexpr size_t kMappingUnit = size_t{2} << 20;
#ifdef __linux__
// Allocations from here on come straight from the system, in mappings that may use huge pages.
constexpr size_t kMappedBytes = size_t{4} << 20;
#endif

constexpr size_t round_up(size_t bytes, size_t unit) { return (bytes + unit - 1) / unit * unit; }

[[noreturn]] void throw_out_of_memory(size_t bytes) {
  Failure failure;
  failure.kind = FailureKind::kOutOfMemory;
  failure.need = bytes;
  failure.message =
      "the system refused " + std::to_string(bytes) + " bytes; use a smaller trace or close other programs";
  throw Error(std::move(failure));
}

}  // namespace

namespace detail {

void* allocate_memory(size_t bytes, bool zeroed) {
  if (bytes > SIZE_MAX - kMappingUnit) throw_out_of_memory(bytes);
#ifdef __linux__
  if (bytes >= kMappedBytes) {
    void* data = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (data == MAP_FAILED) throw_out_of_memory(bytes);
    // Only advice: where the system has no huge pages the mapping works as it is.
    (void)madvise(data, bytes, MADV_HUGEPAGE);
    return data;
  }
#endif
  const size_t rounded = bytes == 0 ? kAlignment : round_up(bytes, kAlignment);
  void* data = std::aligned_alloc(kAlignment, rounded);
  if (!data) throw_out_of_memory(bytes);
  if (zeroed) std::memset(data, 0, rounded);
  return data;
}

void free_memory(void* data, [[maybe_unused]] size_t bytes) {
#ifdef __linux__
  if (bytes >= kMappedBytes) {
    munmap(data, bytes);
    return;
  }
#endif
  std::free(data);
}

}  // namespace detail

bool Arena::reuse_wanted() {
  const char* pool = std::getenv("OPENSWIRL_POOL");
  return pool == nullptr || std::string_view(pool) != "off";
}

Arena::~Arena() {
  for (const auto& [start, bytes] : mappings_) detail::free_memory(start, bytes);
}

Arena::Ranges::iterator Arena::smallest_that_fits(size_t bytes) {
  auto best = free_.end();
  for (auto range = free_.begin(); range != free_.end(); ++range) {
    if (range->second.bytes < bytes) continue;
    if (best == free_.end() || range->second.bytes < best->second.bytes) best = range;
  }
  return best;
}

void* Arena::take(size_t bytes, bool zeroed) {
  if (!reuses_) return detail::allocate_memory(bytes, zeroed);
  if (bytes > SIZE_MAX - kMappingUnit) throw_out_of_memory(bytes);
  const size_t taken = round_up(bytes, kAlignment);
  std::byte* start = nullptr;
  bool clean = false;
  {
    const std::lock_guard lock(mutex_);
    auto range = smallest_that_fits(taken);
    if (range == free_.end()) {
      const size_t mapping = round_up(taken, kMappingUnit);
      auto* memory = static_cast<std::byte*>(detail::allocate_memory(mapping, true));
      mappings_.emplace(memory, mapping);
      range = free_.emplace(memory, Range{mapping, true}).first;
    }
    start = range->first;
    clean = range->second.clean;
    if (range->second.bytes > taken) free_.emplace(start + taken, Range{range->second.bytes - taken, clean});
    range->second = {taken, false};
    taken_.insert(free_.extract(range));
  }
  if (zeroed && !clean) std::memset(start, 0, bytes);
  return start;
}

void Arena::give(void* data, size_t bytes) noexcept {
  if (!reuses_) return detail::free_memory(data, bytes);
  const std::lock_guard lock(mutex_);
  const auto range = free_.insert(taken_.extract(static_cast<std::byte*>(data))).position;
  join_with_next(range);
  if (range != free_.begin()) join_with_next(std::prev(range));
}

void Arena::join_with_next(Ranges::iterator range) {
  const auto next = std::next(range);
  // Ranges of two mappings stay apart, even where these happen to be neighbours.
  if (next == free_.end() || range->first + range->second.bytes != next->first ||
      mappings_.contains(next->first)) {
    return;
  }
  range->second.bytes += next->second.bytes;
  range->second.clean = range->second.clean && next->second.clean;
  free_.erase(next);
}

size_t Arena::mapped() const {
  const std::lock_guard lock(mutex_);
  size_t bytes = 0;
  for (const auto& [start, size] : mappings_) bytes += size;
  return bytes;
}

}  // namespace openswirl
