// What the CPU device hands out: borrowed traces, commitments and keys.
#pragma once

#include <memory>
#include <vector>

#include "backend/own.h"
#include "stages/commitment.h"
#include "stages/key_programs.h"
#include "workers/borrowed_matrix.h"

namespace openswirl::cpu {

using Matrix = workers::BorrowedMatrix;

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
  const stages::KeyPrograms& programs() const { return programs_; }
  // Null without a preprocessed trace.
  const std::shared_ptr<const StackedCommitment>& preprocessed(uint32_t air_id) const {
    return preprocessed_[air_id];
  }

 private:
  std::shared_ptr<const ProvingKey> key_;
  stages::KeyPrograms programs_;
  std::vector<std::shared_ptr<const StackedCommitment>> preprocessed_;
};

}  // namespace openswirl::cpu
