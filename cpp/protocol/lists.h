// Lists whose memory stays proportional to their encoding, however short that is: bytes from strangers can
// name many empty lists and absent entries in a few bytes each.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "openswirl/failure.h"

namespace openswirl {

// A list of lists, kept flat: four bytes a list beside its elements.
template <class T>
class Ragged {
 public:
  Ragged() = default;
  Ragged(const std::vector<std::vector<T>>& lists) {  // NOLINT(google-explicit-constructor)
    for (const std::vector<T>& list : lists) push_back(list);
  }
  Ragged(std::initializer_list<std::vector<T>> lists) : Ragged(std::vector<std::vector<T>>(lists)) {}

  size_t size() const { return ends_.size(); }
  bool empty() const { return ends_.empty(); }
  std::span<T> operator[](size_t i) { return std::span(values_).subspan(start(i), ends_[i] - start(i)); }
  std::span<const T> operator[](size_t i) const {
    return std::span(values_).subspan(start(i), ends_[i] - start(i));
  }
  // The elements of all lists in order.
  std::span<const T> values() const { return values_; }

  class Iterator {
   public:
    Iterator(const Ragged* lists, size_t at) : lists_(lists), at_(at) {}
    std::span<const T> operator*() const { return (*lists_)[at_]; }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    bool operator==(const Iterator&) const = default;

   private:
    const Ragged* lists_;
    size_t at_;
  };
  Iterator begin() const { return {this, 0}; }
  Iterator end() const { return {this, size()}; }

  void reserve(size_t lists) { ends_.reserve(lists); }
  // New lists are empty.
  void resize(size_t lists) {
    if (lists < size()) values_.resize(lists == 0 ? 0 : ends_[lists - 1]);
    ends_.resize(lists, static_cast<uint32_t>(values_.size()));
  }
  // Replaces list i; moves every later one.
  void set(size_t i, std::span<const T> list) {
    Ragged changed;
    for (size_t j = 0; j < size(); ++j) changed.push_back(j == i ? list : std::as_const(*this)[j]);
    *this = std::move(changed);
  }
  void push_back(std::span<const T> list) {
    values_.insert(values_.end(), list.begin(), list.end());
    close();
  }
  // Appends to a list that close() ends.
  void append(const T& value) { values_.push_back(value); }
  void close() {
    if (values_.size() > std::numeric_limits<uint32_t>::max()) {
      throw Error(FailureKind::kInput, "a list of lists holds more than 2^32 - 1 elements");
    }
    ends_.push_back(static_cast<uint32_t>(values_.size()));
  }
  bool operator==(const Ragged&) const = default;

 private:
  size_t start(size_t i) const { return i == 0 ? 0 : ends_[i - 1]; }

  std::vector<T> values_;
  std::vector<uint32_t> ends_;
};

// A list of optional values of which the absent ones cost nothing.
template <class T>
class SparseList {
 public:
  // Length, present and absent.
  size_t size() const { return size_; }
  void resize(size_t size) { size_ = size; }
  size_t num_present() const { return present_.size(); }
  void reserve_present(size_t count) { present_.reserve(count); }

  // Null where absent.
  const T* operator[](size_t i) const {
    const size_t at = find(i);
    return at < present_.size() && present_[at].index == i ? &present_[at].value : nullptr;
  }
  T* operator[](size_t i) { return const_cast<T*>(std::as_const(*this)[i]); }

  void set(size_t i, T value) {
    if (T* old = (*this)[i]) {
      *old = std::move(value);
    } else {
      present_.insert(present_.begin() + static_cast<std::ptrdiff_t>(find(i)),
                      Entry{static_cast<uint32_t>(i), std::move(value)});
    }
  }
  void erase(size_t i) {
    if ((*this)[i] != nullptr) present_.erase(present_.begin() + static_cast<std::ptrdiff_t>(find(i)));
  }
  bool operator==(const SparseList&) const = default;

 private:
  struct Entry {
    uint32_t index;
    T value;
    bool operator==(const Entry&) const = default;
  };

  // The first present entry at or after i.
  size_t find(size_t i) const {
    size_t low = 0, high = present_.size();
    while (low < high) {
      const size_t middle = (low + high) / 2;
      if (present_[middle].index < i) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  size_t size_ = 0;
  std::vector<Entry> present_;  // ascending indices
};

}  // namespace openswirl
