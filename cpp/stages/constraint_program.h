// Compiles the constraint DAG of an AIR into a straight-line program over rows of a small working set: leaves
// first, then slots that are used again after the last use of the value in them (protocol part 02, 8).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "protocol/keys.h"
#include "stages/kernels/constraints_table.h"

namespace openswirl::stages {

// What the row of a leaf holds. Rows of public values and constants are the same at every point.
struct LeafSource {
  enum class Kind : uint8_t { kColumn, kRotatedColumn, kFirst, kLast, kTransition, kPublic, kConstant };
  Kind kind = Kind::kConstant;
  uint32_t part = 0;   // columns: opening part
  uint32_t index = 0;  // column, or public value
  Fp constant = Fp::zero();

  bool is_base() const { return kind == Kind::kPublic || kind == Kind::kConstant; }
};

// "Add a weight times this node to sum 0 or 1." The weights are chosen at run time.
struct ProgramOutput {
  uint32_t node = 0;
  uint32_t sum = 0;
};

// Where a program has the columns of a trace: among its leaves, or loaded into slots where they are first
// needed, so that many columns need few rows.
enum class ColumnRows : uint8_t { kLeaves, kSlots };

struct LoadedColumn {
  uint32_t part = 0, index = 0;
};

struct ConstraintProgram {
  std::vector<LeafSource> leaves;     // leaf i is row i
  std::vector<LoadedColumn> columns;  // in the order in which they are loaded, each once
  std::vector<Instruction> instructions;
  uint32_t num_rows = 0;  // leaves and slots
  uint32_t num_sums = 0;
  // Index in the weight table of each output, in the order given; entries that belong to none are zero.
  std::vector<uint32_t> weight_index;
  uint32_t num_weights = 0;  // an unpaired weight is followed by a zero one
};

// The weighted sums of these nodes; only what they need is evaluated. At most two sums.
ConstraintProgram compile_sums(const AirVk& air, std::span<const ProgramOutput> outputs, ColumnRows columns);

// One sum of these nodes, in this order, each node evaluated when the first output that needs it is reached:
// few rows, where outputs next to each other share what they share. For few outputs of a large AIR: what they
// do not need costs nothing. Columns are leaves.
ConstraintProgram compile_in_order(const AirVk& air, std::span<const uint32_t> nodes);

// One kEmit per interaction with its count and the sum of its message, whose outputs are numbered interaction
// by interaction, entry by entry.
ConstraintProgram compile_fractions(const AirVk& air, ColumnRows columns);

}  // namespace openswirl::stages
