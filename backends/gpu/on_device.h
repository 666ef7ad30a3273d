// Stages of a GPU session that run on the device, behind the backend interface. Calls that needed nothing of
// the device, because small rounds are the host's, are noted as the host's in the span that is open.
#pragma once

#include <memory>
#include <span>

#include "backend/backend.h"
#include "gpu/constraint_plan.h"
#include "gpu/fraction_tree.h"
#include "gpu/stage_inputs.h"
#include "gpu/trace_columns.h"
#include "stages/inputs.h"

namespace openswirl::gpu {

// Each lives no longer than work and inputs; they throw what their stage throws.
std::unique_ptr<FractionTree> fraction_tree_on_device(Work& work, const DeviceFractions& leaves,
                                                      std::vector<Array> memory);
std::unique_ptr<ConstraintSum> constraint_sum_on_device(Work& work, const stages::StageInputs& inputs,
                                                        const DeviceTraces& traces,
                                                        const ConstraintPrograms& programs,
                                                        std::unique_ptr<ConstraintPlan> plan,
                                                        const ConstraintChallenges& challenges);
std::unique_ptr<StackedSum> stacked_sum_on_device(Work& work, const DeviceInputs& inputs,
                                                  std::span<const Ext> r, const Ext& lambda);
std::unique_ptr<Opening> opening_on_device(Work& work, const DeviceInputs& inputs, std::span<const Ext> u,
                                           const Ext& mu);

}  // namespace openswirl::gpu
