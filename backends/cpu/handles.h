// What the CPU device hands out: borrowed traces, commitments and keys.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "backend/backend.h"
#include "stages/commitment.h"

namespace openswirl::cpu {

// A trace as the caller holds it; it is read once, when it is committed.
class Matrix final : public DeviceMatrix {
 public:
  // Throws Error{kInput} unless the number of rows is a power of two.
  explicit Matrix(const HostMatrix& source);
  uint64_t rows() const override { return source_.rows; }
  uint64_t columns() const override { return source_.columns; }
  stages::SourceMatrix source() const {
    return {source_.data, source_.rows, source_.columns, source_.order == HostMatrix::Order::kRowMajor};
  }

 private:
  HostMatrix source_;
};

class StackedCommitment final : public Commitment {
 public:
  template <class Source>
  StackedCommitment(const Context& context, const SystemParams& params, Source&& source)
      : data_(context, params, std::forward<Source>(source)) {}
  const Digest& root() const override { return data_.root(); }
  const StackedLayout& layout() const override { return data_.layout(); }
  const stages::HostCommitted& data() const { return data_; }

 private:
  stages::HostCommitted data_;
};

class Key final : public DeviceKey {
 public:
  Key(std::shared_ptr<const ProvingKey> key, const Context& context);
  const ProvingKey& key() const override { return *key_; }
  // Null without a preprocessed trace.
  const std::shared_ptr<const StackedCommitment>& preprocessed(uint32_t air_id) const {
    return preprocessed_[air_id];
  }

 private:
  std::shared_ptr<const ProvingKey> key_;
  std::vector<std::shared_ptr<const StackedCommitment>> preprocessed_;
};

// This backend's own type behind a handle. Throws Error{kInput} for a handle of another device.
template <class Own, class Handle>
std::shared_ptr<const Own> own(const std::shared_ptr<const Handle>& handle, const char* what) {
  auto result = std::dynamic_pointer_cast<const Own>(handle);
  if (!result) {
    throw Error(FailureKind::kInput,
                std::string(what) + " was made by another device; make it with this one");
  }
  return result;
}

}  // namespace openswirl::cpu
