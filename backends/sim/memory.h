// Device memory of the emulator: host memory of exactly the size asked for, with its shadow.
#pragma once

#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

#include "gpu/memory.h"
#include "sim/shadow.h"

namespace openswirl::sim {

class SimMemory final : public gpu::Memory {
 public:
  // Own memory; throws std::bad_alloc.
  SimMemory(uint64_t bytes, bool poison, bool shadow) : bytes_(bytes) {
    void* data = nullptr;
    if (posix_memalign(&data, 64, bytes) != 0) throw std::bad_alloc();
    data_.reset(static_cast<std::byte*>(data), [](std::byte* memory) { std::free(memory); });
    if (poison) std::memset(data, 0xA5, bytes);
    if (shadow) shadow_ = std::make_unique<Shadow>((bytes + 3) / 4);
  }
  // The caller's, written already.
  SimMemory(std::shared_ptr<std::byte> data, uint64_t bytes, bool shadow)
      : bytes_(bytes), data_(std::move(data)) {
    if (!shadow) return;
    shadow_ = std::make_unique<Shadow>((bytes + 3) / 4);
    shadow_->set_written(0, (bytes + 3) / 4);
  }

  uint64_t bytes() const override { return bytes_; }
  uint64_t address() const override { return reinterpret_cast<uint64_t>(data_.get()); }
  void* host() const override { return data_.get(); }
  Shadow* shadow() const { return shadow_.get(); }

 private:
  uint64_t bytes_;
  std::shared_ptr<std::byte> data_;
  std::unique_ptr<Shadow> shadow_;
};

inline std::byte* data(const gpu::Range& range) {
  return static_cast<std::byte*>(range.memory->host()) + range.offset;
}
inline Shadow* shadow(const gpu::Range& range) {
  return static_cast<const SimMemory&>(*range.memory).shadow();
}

}  // namespace openswirl::sim
