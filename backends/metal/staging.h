// Memory through which the host's bytes come and go while the GPU works, kept for reuse.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "metal/heap.h"

namespace openswirl::metal {

class Staging : public std::enable_shared_from_this<Staging> {
 public:
  explicit Staging(std::shared_ptr<Heap> heap) : heap_(std::move(heap)) {}

  // At least this many bytes; they return when the last owner is gone. Throws Error{kOutOfMemory}.
  std::shared_ptr<MetalMemory> lease(uint64_t bytes);

  // Frees what nobody uses.
  void trim();

 private:
  std::shared_ptr<Heap> heap_;
  std::mutex mutex_;
  std::multimap<uint64_t, std::shared_ptr<MetalMemory>> free_;
};

}  // namespace openswirl::metal
