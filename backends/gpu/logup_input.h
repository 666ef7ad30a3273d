// The leaves of LogUp-GKR from the traces on the device (protocol part 04, 3.4 and 3.5).
#pragma once

#include "gpu/fraction_tree.h"
#include "gpu/trace_columns.h"
#include "stages/inputs.h"

namespace openswirl::gpu {

struct LogupLeaves {
  DeviceFractions nodes;
  std::vector<Array> memory;
};

// Evaluates the interactions of all traces in one dispatch. At least one trace has interactions. Of the
// inputs only shape, AIRs and public values are read.
LogupLeaves evaluate_leaves(Work& work, const stages::StageInputs& inputs, const DeviceTraces& traces,
                            const Ext& alpha, const Ext& beta);

}  // namespace openswirl::gpu
