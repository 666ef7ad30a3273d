// Stages of a GPU session that run on the host: the workers of cpp/workers, each call noted in the span that
// is open, so that a report never takes them for the device's.
#pragma once

#include <memory>
#include <span>

#include "backend/backend.h"
#include "stages/inputs.h"

namespace openswirl::gpu {

std::unique_ptr<FractionTree> fraction_tree_on_host(const stages::StageInputs& inputs, const Ext& alpha,
                                                    const Ext& beta);
std::unique_ptr<ConstraintSum> constraint_sum_on_host(const stages::StageInputs& inputs,
                                                      const ConstraintChallenges& challenges);
std::unique_ptr<StackedSum> stacked_sum_on_host(const stages::StageInputs& inputs, std::span<const Ext> r,
                                                const Ext& lambda);
std::unique_ptr<Opening> opening_on_host(const stages::StageInputs& inputs, std::span<const Ext> u,
                                         const Ext& mu);

}  // namespace openswirl::gpu
