#include "runtime/arena.h"

#include <cstdlib>
#include <cstring>
#include <iterator>
#include <string>

#include "openswirl/failure.h"
#include "runtime/environment.h"

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace openswirl {
namespace {

constexpr size_t kAlignment = 64;
// One huge page: mappings are whole ones.
constexpr size_t kMappingUnit = size_t{2} << 20;
// Allocations from here on come straight from the system, in mappings that may use huge pages. Not under
// AddressSanitizer, which watches the bounds of those that the allocator makes.
#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__)
#define OPENSWIRL_MAPS_MEMORY
constexpr size_t kMappedBytes = size_t{4} << 20;
#endif
constexpr int kPoison = 0xa5;

constexpr size_t round_up(size_t bytes, size_t unit) { return (bytes + unit - 1) / unit * unit; }

[[noreturn]] void throw_out_of_memory(size_t bytes, const char* what) {
  Failure failure;
  failure.kind = FailureKind::kOutOfMemory;
  failure.where = what;
  failure.need = bytes;
  failure.message = std::string(what) + ": the system refused " + std::to_string(bytes) +
                    " bytes; use a smaller trace or close other programs";
  throw Error(std::move(failure));
}

}  // namespace

namespace detail {

void* allocate_memory(size_t bytes, bool zeroed, const char* what) {
  if (bytes > SIZE_MAX - kMappingUnit) throw_out_of_memory(bytes, what);
#ifdef OPENSWIRL_MAPS_MEMORY
  if (bytes >= kMappedBytes) {
    void* data = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (data == MAP_FAILED) throw_out_of_memory(bytes, what);
    // Only advice: where the system has no huge pages the mapping works as it is.
    (void)madvise(data, bytes, MADV_HUGEPAGE);
    return data;
  }
#endif
  const size_t rounded = bytes == 0 ? kAlignment : round_up(bytes, kAlignment);
  void* data = std::aligned_alloc(kAlignment, rounded);
  if (!data) throw_out_of_memory(bytes, what);
  if (zeroed) std::memset(data, 0, rounded);
  return data;
}

void free_memory(void* data, [[maybe_unused]] size_t bytes) {
#ifdef OPENSWIRL_MAPS_MEMORY
  if (bytes >= kMappedBytes) {
    munmap(data, bytes);
    return;
  }
#endif
  std::free(data);
}

}  // namespace detail

bool memory_reuse_wanted() { return switched_on("OPENSWIRL_POOL"); }

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

Arena::Ranges::iterator Arena::map(size_t bytes, const char* what) {
  const size_t mapping = round_up(bytes, kMappingUnit);
  void* memory = nullptr;
  try {
    memory = detail::allocate_memory(mapping, true, what);
  } catch (const Error&) {
    // What lies unused may be what the system lacks.
    unmap_free();
    memory = detail::allocate_memory(mapping, true, what);
  }
  auto* start = static_cast<std::byte*>(memory);
  mappings_.emplace(start, mapping);
  return free_.emplace(start, Range{mapping, true}).first;
}

void* Arena::take(size_t bytes, bool zeroed, const char* what) {
  if (!reuses_) {
    void* data = detail::allocate_memory(bytes, zeroed, what);
    if (!zeroed) std::memset(data, kPoison, bytes);
    return data;
  }
  if (bytes > SIZE_MAX - kMappingUnit) throw_out_of_memory(bytes, what);
  const size_t taken = round_up(bytes, kAlignment);
  std::byte* start = nullptr;
  bool clean = false;
  {
    const std::lock_guard lock(mutex_);
    auto range = smallest_that_fits(taken);
    if (range == free_.end()) range = map(taken, what);
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

void Arena::unmap_free() {
  for (auto range = free_.begin(); range != free_.end();) {
    const auto mapping = mappings_.find(range->first);
    if (mapping == mappings_.end() || mapping->second != range->second.bytes) {
      ++range;
      continue;
    }
    detail::free_memory(mapping->first, mapping->second);
    mappings_.erase(mapping);
    range = free_.erase(range);
  }
}

void Arena::trim() noexcept {
  const std::lock_guard lock(mutex_);
  unmap_free();
}

size_t Arena::mapped() const {
  const std::lock_guard lock(mutex_);
  size_t bytes = 0;
  for (const auto& [start, size] : mappings_) bytes += size;
  return bytes;
}

}  // namespace openswirl
