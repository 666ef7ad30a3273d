// The columns of all traces at Z = r_0, on the device (protocol part 04, 5.5).
#pragma once

#include "field/ext.h"
#include "gpu/constraint_programs.h"
#include "gpu/kernels.h"
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

// Where the columns come to lie; before r_0 is known.
struct FoldPlan {
  // Of the inputs shape and AIRs are read.
  FoldPlan(const stages::StageInputs& inputs, const DeviceTraces& traces, const ConstraintPrograms& programs);

  std::vector<FoldedTrace> traces;                // sorted trace order
  std::vector<ConstraintsFoldTrace> descriptors;  // without the selectors at r_0
  std::vector<uint64_t> columns;                  // address and elements of each
  uint64_t elements = 0, opened = 0;              // of all traces
  uint64_t groups = 0, read_bytes = 0;
};

struct FoldedColumns {
  Array elements;  // of all traces: what is read
  Array opened;    // of all traces: the others
};

// One pass over every trace and one dispatch. The plan lives until a wait for it.
FoldedColumns fold_columns(Work& work, const stages::StageInputs& inputs, const DeviceTraces& traces,
                           const FoldPlan& plan, const Ext& r_0);

}  // namespace openswirl::gpu
