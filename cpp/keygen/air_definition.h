// One AIR as key generation takes it: widths, preprocessed trace, and the DAG of what its code recorded.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "keygen/recording.h"
#include "protocol/keys.h"

namespace openswirl {

// A preprocessed trace in borrowed memory, row-major, canonical residues.
struct PreprocessedTrace {
  const uint32_t* data = nullptr;
  uint64_t rows = 0;
  uint64_t columns = 0;
  std::shared_ptr<const void> owner;  // keeps data alive
};

struct AirDefinition {
  std::string name;  // for messages; not part of the key
  TraceWidth width;  // width.preprocessed is set exactly if there is a preprocessed trace
  uint64_t num_public_values = 0;
  std::optional<PreprocessedTrace> preprocessed;
  ConstraintDag constraints;
  uint32_t degree = 0;  // largest degree of a recorded tree (part 02, 1.7)
  // "file:line" per constraint_idx entry and per interaction; empty lists if unknown.
  std::vector<std::string> constraint_sources, interaction_sources;

  uint64_t main_width() const { return width.total() - width.preprocessed.value_or(0); }
};

// Fills constraints, degree and sources from what the AIR's code recorded.
void set_recording(AirDefinition& air, const Recording& recording);

// Largest degree of a constraint, message field or count of a finished DAG.
uint32_t dag_degree(const ConstraintDag& dag);

// Some node, dead or not, reads the next row (part 02, 4.4).
bool dag_needs_rotation(const ConstraintDag& dag);

// The columns that no node reads, in the order of part 02, 4.4.
std::vector<Variable> unused_variables(const ConstraintDag& dag, const TraceWidth& width, bool need_rot);

// Throws Error{kKeygen} naming the AIR if its columns or public values are more than kMaxAirColumns.
void check_sizes(const AirDefinition& air);

// Throws Error{kKeygen} naming the AIR unless operands precede their users and every index is in range.
void check_dag(const AirDefinition& air);

}  // namespace openswirl
