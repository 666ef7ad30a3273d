// Peak bytes that stages hold beside the commitments, before they run.
#pragma once

#include "protocol/keys.h"
#include "protocol/shape.h"

namespace openswirl::stages {

uint64_t fractions_bytes(const ProofShape& shape);
uint64_t constraints_bytes(const VerifyingKey& vk, const ProofShape& shape);
uint64_t stacking_bytes(const ProofShape& shape);

}  // namespace openswirl::stages
