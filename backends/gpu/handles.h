// What a GPU device hands out beside commitments: borrowed traces and keys.
#pragma once

#include <bit>
#include <memory>
#include <string>
#include <vector>

#include "backend/backend.h"
#include "gpu/committed.h"

namespace openswirl::gpu {

// A trace as the caller holds it; it is read once, when it is committed.
class Matrix final : public DeviceMatrix {
 public:
  // Throws Error{kInput} unless the number of rows is a power of two.
  explicit Matrix(const HostMatrix& source) : source_(source) {
    if (!std::has_single_bit(source.rows)) {
      throw Error(FailureKind::kInput, "a matrix of " + std::to_string(source.rows) +
                                           " rows: the number of rows must be a power of two; pad the trace");
    }
  }
  uint64_t rows() const override { return source_.rows; }
  uint64_t columns() const override { return source_.columns; }
  stages::SourceMatrix source() const {
    return {source_.data, source_.rows, source_.columns, source_.order == HostMatrix::Order::kRowMajor};
  }

 private:
  HostMatrix source_;
};

class Key final : public DeviceKey {
 public:
  Key(std::shared_ptr<const ProvingKey> key, Work& work) : key_(std::move(key)) {
    for (const AirPk& air : key_->airs) {
      preprocessed_.push_back(air.preprocessed
                                  ? std::make_shared<const Committed>(work, key_->vk.params, air.preprocessed)
                                  : nullptr);
    }
  }
  const ProvingKey& key() const override { return *key_; }
  // Null without a preprocessed trace.
  const std::shared_ptr<const Committed>& preprocessed(uint32_t air_id) const {
    return preprocessed_[air_id];
  }

 private:
  std::shared_ptr<const ProvingKey> key_;
  std::vector<std::shared_ptr<const Committed>> preprocessed_;
};

// This device's own type behind a handle. Throws Error{kInput} for a handle of another device.
template <class Own, class Handle>
std::shared_ptr<const Own> own(const std::shared_ptr<const Handle>& handle, const char* what) {
  auto result = std::dynamic_pointer_cast<const Own>(handle);
  if (!result) {
    throw Error(FailureKind::kInput,
                std::string(what) + " was made by another device; make it with this one");
  }
  return result;
}

}  // namespace openswirl::gpu
