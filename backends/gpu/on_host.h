// Stages of a GPU session that run on the host: the workers of cpp/workers, each call noted in the span that
// is open, so that a report never takes them for the device's.
#pragma once

#include <memory>

#include "backend/backend.h"
#include "stages/inputs.h"

namespace openswirl::gpu {

std::unique_ptr<ConstraintSum> constraint_sum_on_host(const stages::StageInputs& inputs,
                                                      const ConstraintChallenges& challenges);

}  // namespace openswirl::gpu
