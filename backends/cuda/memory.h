// Memory of a CUDA device, and pinned memory of the host that copies pass through.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <vector>

#include "cuda/context.h"
#include "gpu/memory.h"

namespace openswirl::cuda {

// One exact allocation.
class CudaMemory final : public gpu::Memory {
 public:
  // Throws Error{kOutOfMemory}.
  CudaMemory(SharedContext context, uint64_t bytes);
  ~CudaMemory() override;
  CudaMemory(const CudaMemory&) = delete;
  CudaMemory& operator=(const CudaMemory&) = delete;

  uint64_t bytes() const override { return bytes_; }
  uint64_t address() const override { return address_; }

 private:
  SharedContext context_;
  uint64_t bytes_;
  DevicePointer address_ = 0;
};

// Blocks of pinned host memory, kept for reuse: making one takes longer than most copies.
class PinnedBlocks {
 public:
  explicit PinnedBlocks(SharedContext context) : context_(std::move(context)) {}
  ~PinnedBlocks();
  PinnedBlocks(const PinnedBlocks&) = delete;
  PinnedBlocks& operator=(const PinnedBlocks&) = delete;

  // A block of at least this size; goes back when it dies. The blocks outlive it.
  class Block {
   public:
    Block() = default;
    Block(PinnedBlocks* from, std::byte* data, size_t size) : from_(from), data_(data), size_(size) {}
    Block(Block&& other) noexcept { swap(other); }
    Block& operator=(Block&& other) noexcept {
      Block moved(std::move(other));
      swap(moved);
      return *this;
    }
    ~Block() {
      if (data_) from_->give_back(data_, size_);
    }
    std::byte* data() const { return data_; }

   private:
    void swap(Block& other) noexcept {
      std::swap(from_, other.from_), std::swap(data_, other.data_), std::swap(size_, other.size_);
    }
    PinnedBlocks* from_ = nullptr;
    std::byte* data_ = nullptr;
    size_t size_ = 0;
  };
  // Throws Error{kOutOfMemory}.
  Block take(size_t bytes);

 private:
  void give_back(std::byte* data, size_t size);

  SharedContext context_;
  std::mutex mutex_;
  std::map<size_t, std::vector<std::byte*>> free_;  // by size
};

}  // namespace openswirl::cuda
