#include "handles.h"

namespace openswirl::cpu {

Key::Key(std::shared_ptr<const ProvingKey> key, const Context& context)
    : key_(std::move(key)), programs_(key_->vk) {
  for (const AirPk& air : key_->airs) {
    preprocessed_.push_back(air.preprocessed ? std::make_shared<const StackedCommitment>(
                                                   context, key_->vk.params, air.preprocessed)
                                             : nullptr);
  }
}

}  // namespace openswirl::cpu
