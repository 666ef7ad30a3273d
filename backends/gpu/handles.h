// What a GPU device hands out beside commitments: borrowed traces and keys.
#pragma once

#include <memory>
#include <vector>

#include "backend/own.h"
#include "gpu/committed.h"
#include "gpu/constraint_programs.h"
#include "workers/borrowed_matrix.h"

namespace openswirl::gpu {

using Matrix = workers::BorrowedMatrix;

class Key final : public DeviceKey {
 public:
  Key(std::shared_ptr<const ProvingKey> key, Work& work) : key_(std::move(key)), programs_(work, key_->vk) {
    for (const AirPk& air : key_->airs) {
      preprocessed_.push_back(air.preprocessed
                                  ? std::make_shared<const Committed>(work, key_->vk.params, air.preprocessed)
                                  : nullptr);
    }
  }
  const ProvingKey& key() const override { return *key_; }
  const ConstraintPrograms& programs() const { return programs_; }
  // Null without a preprocessed trace.
  const std::shared_ptr<const Committed>& preprocessed(uint32_t air_id) const {
    return preprocessed_[air_id];
  }

 private:
  std::shared_ptr<const ProvingKey> key_;
  ConstraintPrograms programs_;
  std::vector<std::shared_ptr<const Committed>> preprocessed_;
};

}  // namespace openswirl::gpu
