// Peak memory of the phases of a proof on a GPU, host and device together.
#pragma once

#include "backend/backend.h"
#include "gpu/runtime.h"

namespace openswirl::gpu {

MemoryPlan make_plan(const VerifyingKey& vk, const ProofShape& shape, const RuntimeInfo& device);

}  // namespace openswirl::gpu
