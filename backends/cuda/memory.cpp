#include "cuda/memory.h"

#include <algorithm>
#include <bit>

namespace openswirl::cuda {
namespace {

constexpr size_t kSmallestBlock = 64 * 1024;

}  // namespace

CudaMemory::CudaMemory(SharedContext context, uint64_t bytes) : context_(std::move(context)), bytes_(bytes) {
  context_->use();
  const Driver& driver = context_->driver();
  driver.check(driver.memory_allocate(&address_, bytes),
               "allocating " + std::to_string(bytes) + " bytes of device memory");
}

CudaMemory::~CudaMemory() {
  if (context_->reach()) context_->driver().memory_free(address_);
}

PinnedBlocks::~PinnedBlocks() {
  if (!context_->reach()) return;
  for (const auto& [size, blocks] : free_) {
    for (std::byte* block : blocks) context_->driver().host_free(block);
  }
}

PinnedBlocks::Block PinnedBlocks::take(size_t bytes) {
  const size_t size = std::bit_ceil(std::max(bytes, kSmallestBlock));
  {
    const std::lock_guard lock(mutex_);
    auto& free = free_[size];
    if (!free.empty()) {
      std::byte* data = free.back();
      free.pop_back();
      return {this, data, size};
    }
  }
  void* data = nullptr;
  const Driver& driver = context_->driver();
  driver.check(driver.host_allocate(&data, size, 0),
               "allocating " + std::to_string(size) + " bytes of pinned host memory");
  return {this, static_cast<std::byte*>(data), size};
}

void PinnedBlocks::give_back(std::byte* data, size_t size) {
  const std::lock_guard lock(mutex_);
  free_[size].push_back(data);
}

}  // namespace openswirl::cuda
