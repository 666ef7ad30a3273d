// The columns of all traces at Z = r_0, on the device (protocol part 04, 5.5).
#pragma once

#include "field/ext.h"
#include "gpu/engine.h"
#include "gpu/trace_columns.h"
#include "stages/inputs.h"

namespace openswirl::gpu {

struct FoldedTrace {
  uint64_t first_element = 0;  // of column 0; a column has 2^log_blocks elements
  uint32_t log_blocks = 0;
  std::vector<size_t> part_starts;  // column at which an opening part begins, rotated ones counted
  size_t columns = 0;               // rotated ones counted: each follows its column; then three selectors
};

struct FoldedColumns {
  Array elements;                   // of all traces, column after column
  std::vector<FoldedTrace> traces;  // sorted trace order
};

// One pass over every trace and one dispatch. Of the inputs shape and AIRs are read.
FoldedColumns fold_columns(Work& work, const stages::StageInputs& inputs, const DeviceTraces& traces,
                           const Ext& r_0);

}  // namespace openswirl::gpu
