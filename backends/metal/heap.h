// Unified memory of a GPU: allocations within its working set, the caller's memory lent without a copy, and
// what keeps all of it resident.
#pragma once

#include <memory>
#include <mutex>

#include "gpu/fork_guard.h"
#include "gpu/memory.h"
#include "metal/gpus.h"
#include "openswirl/result.h"

namespace openswirl::metal {

class Heap;

class MetalMemory final : public gpu::Memory {
 public:
  MetalMemory(std::shared_ptr<Heap> heap, NS::SharedPtr<MTL::Buffer> buffer, uint64_t bytes, uint64_t charged,
              std::shared_ptr<const void> owner);
  ~MetalMemory() override;

  uint64_t bytes() const override { return bytes_; }
  uint64_t address() const override { return address_; }
  void* host() const override { return host_; }
  MTL::Buffer* buffer() const { return buffer_.get(); }

  // The last command buffer that names it. Of the thread that encodes.
  uint64_t last_use = 0;

 private:
  std::shared_ptr<Heap> heap_;
  NS::SharedPtr<MTL::Buffer> buffer_;
  uint64_t bytes_, charged_, address_;
  void* host_;
  std::shared_ptr<const void> owner_;
};

inline MetalMemory& memory_of(const gpu::Range& range) { return static_cast<MetalMemory&>(*range.memory); }

class Heap : public std::enable_shared_from_this<Heap> {
 public:
  // Throws Error{kDevice} if the residency set cannot be made.
  explicit Heap(const Gpu& gpu);

  // Throws Error{kOutOfMemory} before the working set would be exceeded, with what was needed and left.
  std::shared_ptr<MetalMemory> allocate(uint64_t bytes, bool poison);
  // Null unless the memory begins at a page. The rest of its last page is lent too, and not touched.
  std::shared_ptr<MetalMemory> borrow(const void* data, uint64_t bytes, std::shared_ptr<const void> owner);

  // Makes memory that came since the last call resident; before command buffers are committed.
  void update_residency();
  MTL::ResidencySet* residency_set() const { return resident_.get(); }  // null before macOS 15
  uint64_t allocated() const;

 private:
  friend class MetalMemory;
  void add(MTL::Buffer* buffer);
  void release(NS::SharedPtr<MTL::Buffer> buffer, uint64_t charged);

  gpu::ForkGuard guard_;
  NS::SharedPtr<MTL::Device> device_;
  std::string name_;
  uint64_t working_set_, max_buffer_;
  mutable std::mutex mutex_;
  NS::SharedPtr<MTL::ResidencySet> resident_;
  bool residency_changed_ = false;
  uint64_t allocated_ = 0;
};

}  // namespace openswirl::metal
