// A metered host array for working sets: 64-byte aligned, large ones from an arena, not initialised.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

#include "runtime/arena.h"
#include "runtime/memory_meter.h"

namespace openswirl {

// Owns `size` elements charged to a meter. Meter and arena are kept alive with it; without an arena it has an
// allocation of its own. Move-only.
template <class T>
class Buffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  Buffer() = default;
  Buffer(std::shared_ptr<MemoryMeter> meter, std::shared_ptr<Arena> arena, size_t size, const char* what,
         bool zeroed = false)
      : meter_(std::move(meter)), size_(size) {
    if (bytes() >= kSmallestInArena) arena_ = std::move(arena);
    if (meter_) meter_->charge(bytes(), what);
    try {
      data_ = static_cast<T*>(arena_ ? arena_->take(bytes(), zeroed, what)
                                     : detail::allocate_memory(bytes(), zeroed, what));
    } catch (...) {
      if (meter_) meter_->release(bytes());
      throw;
    }
  }
  Buffer(Buffer&& other) noexcept { swap(other); }
  Buffer& operator=(Buffer&& other) noexcept {
    Buffer moved(std::move(other));
    swap(moved);
    return *this;
  }
  ~Buffer() {
    if (!data_) return;
    if (arena_) {
      arena_->give(data_, bytes());
    } else {
      detail::free_memory(data_, bytes());
    }
    if (meter_) meter_->release(bytes());
  }

  T* data() { return data_; }
  const T* data() const { return data_; }
  size_t size() const { return size_; }
  T& operator[](size_t i) { return data_[i]; }
  const T& operator[](size_t i) const { return data_[i]; }
  std::span<T> span() { return {data_, size_}; }
  std::span<const T> span() const { return {data_, size_}; }

 private:
  // The allocator is quick below it, and reuses pages itself.
  static constexpr size_t kSmallestInArena = size_t{64} << 10;

  size_t bytes() const { return size_ * sizeof(T); }
  void swap(Buffer& other) noexcept {
    std::swap(meter_, other.meter_), std::swap(arena_, other.arena_);
    std::swap(data_, other.data_), std::swap(size_, other.size_);
  }
  std::shared_ptr<MemoryMeter> meter_;
  std::shared_ptr<Arena> arena_;
  T* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace openswirl
