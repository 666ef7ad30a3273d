#include "handles.h"

#include <bit>

namespace openswirl::cpu {

Matrix::Matrix(const HostMatrix& source) : source_(source) {
  if (!std::has_single_bit(source.rows)) {
    throw Error(FailureKind::kInput, "a matrix of " + std::to_string(source.rows) +
                                         " rows: the number of rows must be a power of two; pad the trace");
  }
}

Key::Key(std::shared_ptr<const ProvingKey> key, const Context& context) : key_(std::move(key)) {
  for (const AirPk& air : key_->airs) {
    preprocessed_.push_back(air.preprocessed ? std::make_shared<const StackedCommitment>(
                                                   context, key_->vk.params, air.preprocessed)
                                             : nullptr);
  }
}

}  // namespace openswirl::cpu
