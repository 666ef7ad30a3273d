// The columns of all traces at Z = r_0, on the device (protocol part 04, 5.5).
#pragma once

#include "field/ext.h"
#include "gpu/constraint_programs.h"
#include "gpu/trace_columns.h"
#include "stages/inputs.h"

namespace openswirl::gpu {

// A column has 2^log_blocks elements. Columns are numbered in opening order, part after part, each rotated
// one behind its column, and three selectors at the end. Those that constraints read lie together, the
// selectors behind them; the others, most rotated ones, are only opened.
struct FoldedTrace {
  uint64_t first_element = 0;  // of those that are read, in FoldedColumns::elements
  uint64_t first_opened = 0;   // of the others, in FoldedColumns::opened
  uint32_t log_blocks = 0;
  std::vector<size_t> part_starts;  // column at which an opening part begins
  size_t columns = 0;               // without selectors
  // Of columns and selectors: below num_read among those that are read, else from there on among the others.
  std::vector<uint32_t> places;
  uint32_t num_read = 0;  // selectors counted

  size_t num_opened() const { return places.size() - num_read; }
};

struct FoldedColumns {
  Array elements;                   // of all traces: what is read
  Array opened;                     // of all traces: the others
  std::vector<FoldedTrace> traces;  // sorted trace order
};

// One pass over every trace and one dispatch. Of the inputs shape and AIRs are read.
FoldedColumns fold_columns(Work& work, const stages::StageInputs& inputs, const DeviceTraces& traces,
                           const ConstraintPrograms& programs, const Ext& r_0);

}  // namespace openswirl::gpu
