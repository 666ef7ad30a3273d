// A metered host array for large working sets: 64-byte aligned, huge-page friendly when large, not
// initialised.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

#include "runtime/memory_meter.h"

namespace openswirl {

namespace detail {
// Throws Error{kOutOfMemory}; `zeroed` memory comes zero from the system.
void* allocate_buffer(size_t bytes, bool zeroed);
void free_buffer(void* data, size_t bytes);
}  // namespace detail

// Owns `size` elements charged to a meter, which is kept alive with it. Move-only.
template <class T>
class Buffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  Buffer() = default;
  Buffer(std::shared_ptr<MemoryMeter> meter, size_t size, const char* what, bool zeroed = false)
      : meter_(std::move(meter)), size_(size) {
    if (meter_) meter_->charge(size * sizeof(T), what);
    try {
      data_ = static_cast<T*>(detail::allocate_buffer(size * sizeof(T), zeroed));
    } catch (...) {
      if (meter_) meter_->release(size * sizeof(T));
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
    detail::free_buffer(data_, size_ * sizeof(T));
    if (meter_) meter_->release(size_ * sizeof(T));
  }

  T* data() { return data_; }
  const T* data() const { return data_; }
  size_t size() const { return size_; }
  T& operator[](size_t i) { return data_[i]; }
  const T& operator[](size_t i) const { return data_[i]; }
  std::span<T> span() { return {data_, size_}; }
  std::span<const T> span() const { return {data_, size_}; }

 private:
  void swap(Buffer& other) noexcept {
    std::swap(meter_, other.meter_), std::swap(data_, other.data_), std::swap(size_, other.size_);
  }
  std::shared_ptr<MemoryMeter> meter_;
  T* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace openswirl
