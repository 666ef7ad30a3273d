// Peak memory of the phases of a proof on the CPU.
#pragma once

#include "backend/backend.h"

namespace openswirl::cpu {

MemoryPlan make_plan(const VerifyingKey& vk, const ProofShape& shape, unsigned threads);

}  // namespace openswirl::cpu
