// Values that cost one pointer while absent: proof bytes can name many absent AIRs in a few bytes each, and
// memory must stay proportional to the input.
#pragma once

#include <initializer_list>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace openswirl {

// std::optional with the value on the heap.
template <class T>
class Boxed {
 public:
  Boxed() = default;
  Boxed(T value) : value_(std::make_unique<T>(std::move(value))) {}  // NOLINT(google-explicit-constructor)
  Boxed(const Boxed& other) : value_(other.value_ ? std::make_unique<T>(*other.value_) : nullptr) {}
  Boxed(Boxed&&) noexcept = default;
  Boxed& operator=(Boxed other) noexcept {
    value_ = std::move(other.value_);
    return *this;
  }

  bool has_value() const { return value_ != nullptr; }
  explicit operator bool() const { return has_value(); }
  T& operator*() { return *value_; }
  const T& operator*() const { return *value_; }
  T* operator->() { return value_.get(); }
  const T* operator->() const { return value_.get(); }
  T& emplace() { return *(value_ = std::make_unique<T>()); }
  void reset() { value_.reset(); }
  bool operator==(const Boxed& other) const {
    return has_value() == other.has_value() && (!has_value() || *value_ == *other.value_);
  }

 private:
  std::unique_ptr<T> value_;
};

// A list that costs one pointer while empty.
template <class T>
class CompactList {
 public:
  CompactList() = default;
  CompactList(std::vector<T> values) {  // NOLINT(google-explicit-constructor)
    if (!values.empty()) values_ = Boxed<std::vector<T>>(std::move(values));
  }
  CompactList(std::initializer_list<T> values) : CompactList(std::vector<T>(values)) {}

  size_t size() const { return values_ ? values_->size() : 0; }
  bool empty() const { return size() == 0; }
  T& operator[](size_t i) { return (*values_)[i]; }
  const T& operator[](size_t i) const { return (*values_)[i]; }
  std::span<const T> span() const { return values_ ? std::span<const T>(*values_) : std::span<const T>(); }
  const T* begin() const { return span().data(); }
  const T* end() const { return begin() + size(); }
  void push_back(const T& value) {
    if (!values_) values_ = Boxed<std::vector<T>>(std::vector<T>());
    values_->push_back(value);
  }
  bool operator==(const CompactList&) const = default;

 private:
  Boxed<std::vector<T>> values_;
};

}  // namespace openswirl
