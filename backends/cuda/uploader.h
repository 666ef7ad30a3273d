// Large copies to the device: several threads copy pieces into pinned memory while others are on their way.
// The driver alone, from memory that is not pinned, reaches a fraction of what the bus carries.
#pragma once

#include <mutex>
#include <vector>

#include "cuda/memory.h"

namespace openswirl::cuda {

class Uploader {
 public:
  // The blocks outlive it.
  Uploader(SharedContext context, PinnedBlocks& pinned);
  ~Uploader();
  Uploader(const Uploader&) = delete;
  Uploader& operator=(const Uploader&) = delete;

  // Starts after what is in `stream` so far and is done when it returns. Throws Error{kDevice}.
  void copy(DevicePointer to, const std::byte* from, uint64_t bytes, Stream stream);

 private:
  static constexpr size_t kThreads = 4, kSlots = 2;
  static constexpr uint64_t kPiece = uint64_t{4} << 20;
  // A thread's stream, and an event per piece that it has on its way.
  struct Lane {
    Stream stream = nullptr;
    Event free[kSlots] = {};
  };
  void run(Lane& lane, size_t first, DevicePointer to, const std::byte* from, uint64_t bytes) const;
  void open();

  SharedContext context_;
  PinnedBlocks& pinned_;
  std::mutex mutex_;
  Event begin_ = nullptr;
  std::vector<Lane> lanes_;  // made when first needed
};

}  // namespace openswirl::cuda
