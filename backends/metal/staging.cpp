#include "metal/staging.h"

#include <algorithm>
#include <bit>

namespace openswirl::metal {
namespace {

constexpr uint64_t kSmallest = 64 << 10;
// Larger ones are rare, and given back.
constexpr uint64_t kLargestKept = 64 << 20;

}  // namespace

std::shared_ptr<MetalMemory> Staging::lease(uint64_t bytes) {
  const uint64_t size = bytes > kLargestKept ? bytes : std::bit_ceil(std::max(bytes, kSmallest));
  std::shared_ptr<MetalMemory> memory;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = free_.find(size); found != free_.end()) {
      memory = std::move(found->second);
      free_.erase(found);
    }
  }
  if (!memory) memory = heap_->allocate(size, false);
  if (size > kLargestKept) return memory;
  MetalMemory* const inside = memory.get();
  return {inside, [owned = std::move(memory), pool = weak_from_this()](MetalMemory*) mutable {
            const auto alive = pool.lock();
            if (!alive) return;
            const std::lock_guard lock(alive->mutex_);
            const uint64_t size = owned->bytes();
            alive->free_.emplace(size, std::move(owned));
          }};
}

void Staging::trim() {
  std::multimap<uint64_t, std::shared_ptr<MetalMemory>> unused;  // freed after the lock
  const std::lock_guard lock(mutex_);
  unused.swap(free_);
}

}  // namespace openswirl::metal
