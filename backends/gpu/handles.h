// What a GPU device hands out beside commitments: borrowed traces and keys.
#pragma once

#include <memory>
#include <vector>

#include "backend/own.h"
#include "gpu/committed.h"
#include "gpu/constraint_programs.h"
#include "gpu/generated_constraints.h"
#include "stages/key_programs.h"
#include "workers/borrowed_matrix.h"

namespace openswirl::gpu {

// A trace as the caller holds it; it is read once: when it is committed, or here for a device whose memory is
// its own.
class Matrix final : public DeviceMatrix {
 public:
  // Throws Error{kInput} unless the number of rows is a power of two.
  Matrix(const HostMatrix& source, Work& work) : borrowed_(source) {
    const uint64_t words = source.rows * source.columns;
    if (work.device().unified_memory || words == 0) return;
    uploaded_ = work.words(words, "imported trace");
    work.recorder().upload_borrowed(std::as_bytes(std::span(source.data, words)), uploaded_.range());
    work.wait();
  }
  uint64_t rows() const override { return borrowed_.rows(); }
  uint64_t columns() const override { return borrowed_.columns(); }
  TraceSource source() const { return {borrowed_.source(), uploaded_.range()}; }

 private:
  workers::BorrowedMatrix borrowed_;
  Array uploaded_;  // empty on unified memory
};

class Key final : public DeviceKey {
 public:
  Key(std::shared_ptr<const ProvingKey> key, Work& work)
      : key_(std::move(key)),
        host_programs_(key_->vk),
        programs_(work, key_->vk),
        generated_(std::make_unique<GeneratedConstraints>(work.engine(), key_->vk, programs_)) {
    for (const AirPk& air : key_->airs) {
      preprocessed_.push_back(air.preprocessed
                                  ? std::make_shared<const Committed>(work, key_->vk.params, air.preprocessed)
                                  : nullptr);
    }
  }
  const ProvingKey& key() const override { return *key_; }
  // For the rounds that the host takes.
  const stages::KeyPrograms& host_programs() const { return host_programs_; }
  const ConstraintPrograms& programs() const { return programs_; }
  GeneratedConstraints& generated() const { return *generated_; }
  // Null without a preprocessed trace.
  const std::shared_ptr<const Committed>& preprocessed(uint32_t air_id) const {
    return preprocessed_[air_id];
  }

 private:
  std::shared_ptr<const ProvingKey> key_;
  stages::KeyPrograms host_programs_;
  ConstraintPrograms programs_;
  std::unique_ptr<GeneratedConstraints> generated_;
  std::vector<std::shared_ptr<const Committed>> preprocessed_;
};

}  // namespace openswirl::gpu
