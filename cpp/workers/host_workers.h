// The stage workers on host memory: cpp/stages behind the backend interface. The workers turn what a stage
// throws into Results; the stages are the protocol.
#pragma once

#include <memory>
#include <span>

#include "backend/backend.h"
#include "stages/inputs.h"

namespace openswirl::workers {

// Each lives no longer than its inputs; they throw what their stage throws.
std::unique_ptr<FractionTree> host_fraction_tree(const stages::StageInputs& inputs, const Ext& alpha,
                                                 const Ext& beta);
std::unique_ptr<ConstraintSum> host_constraint_sum(const stages::StageInputs& inputs,
                                                   const ConstraintChallenges& challenges);
std::unique_ptr<StackedSum> host_stacked_sum(const stages::StageInputs& inputs, std::span<const Ext> r,
                                             const Ext& lambda);
std::unique_ptr<Opening> host_opening(const stages::StageInputs& inputs, std::span<const Ext> u,
                                      const Ext& mu);

}  // namespace openswirl::workers
