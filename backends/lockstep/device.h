// A device made of two: every call runs on both and every message is compared.
#pragma once

#include <memory>
#include <optional>

#include "backend/backend.h"
#include "lockstep/difference.h"

namespace openswirl {

class LockstepDevice : public Device {
 public:
  // The first difference of the latest session or commitment that met one; nothing if all messages agreed.
  virtual std::optional<Difference> difference() const = 0;
};

// Answers with a's messages. At the first message that differs the call fails with kDevice, its text names
// stage, call, layer, round and element with both values; a failure of either device is passed on with the
// device's name. Matrices, commitments and keys made by this device belong to it and hold both devices'
// copies.
std::shared_ptr<LockstepDevice> make_lockstep_device(std::shared_ptr<Device> a, std::shared_ptr<Device> b);

}  // namespace openswirl
