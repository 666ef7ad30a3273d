// The pieces of constraint dispatches, and who evaluates them: the interpreter for many traces at once, or a
// kernel made for one AIR.
#pragma once

#include <array>
#include <optional>

#include "gpu/codegen/tables.h"
#include "gpu/eq_suffixes.h"
#include "gpu/generated_constraints.h"
#include "gpu/kernels.h"
#include "stages/inputs.h"

namespace openswirl::gpu {

// One kernel with what it reads of its own.
struct Evaluator {
  std::shared_ptr<const GeneratedAir> air;  // null: the interpreter
  size_t kernel = 0;
  Range table, weights;
};

// Some of a trace's nodes.
struct TracePiece {
  size_t evaluator = 0;
  uint32_t instructions = 0, num_instructions = 0;  // of ConstraintsPiece
  uint32_t spilled_slots = 0;
  uint32_t weights = 0;  // first element of the evaluator's weights
  size_t result = 0;     // of the trace
};

struct TracePieces {
  std::vector<TracePiece> stores;  // pieces whose values others load; they come first and have no result
  std::vector<TracePiece> pieces;
  uint32_t num_stored = 0;     // rows of stored values, behind those of the AIR
  std::vector<bool> rows;      // of the AIR: which are read
  std::vector<Ext> constants;  // per result: what is to be added to its sums
  uint32_t publics = 0;        // word of the interpreter's weights
};

// Everything for the dispatches of one message.
struct PreparedPieces {
  std::vector<Evaluator> evaluators;  // the interpreter first
  std::vector<TracePieces> traces;    // in the order asked for
  std::vector<Array> memory;
};

// A trace whose row functions are to be evaluated.
struct PieceRequest {
  const stages::TraceView* view = nullptr;
  const stages::RowFunctions* functions = nullptr;
  stages::RowWeights weights;
  std::shared_ptr<const GeneratedAir> generated;  // null: the interpreter
  uint64_t places = 0, tiles = 0;                 // points of all cosets, or lines times positions
};

// result_of: constraints, messages, counts; none where a function is not wanted.
PreparedPieces prepare_pieces(Work& work, const ConstraintPrograms& programs, codegen::Form form,
                              std::span<const PieceRequest> requests,
                              const std::array<std::optional<size_t>, 3>& result_of, size_t results);

// Two time stamps of a recorder.
struct Marks {
  size_t begin = 0, end = 0;
};
// Reports the time of kernels of single AIRs, after the wait that gave the times.
inline void add_generated_span(Work& work, const Marks& marks, std::span<const double> times) {
  work.context().spans->add("generated_constraints", times[marks.begin], times[marks.end], true);
}

// Pieces by evaluator, until they are recorded.
class PieceDispatches {
 public:
  PieceDispatches(const PreparedPieces& prepared, codegen::Form form)
      : prepared_(prepared), form_(form), targets_(prepared.evaluators.size()) {}

  // `piece` has everything but what TracePiece and the order of the pieces say. `tiles` of it follow.
  void add(const TracePiece& of_trace, ConstraintsPiece piece, uint64_t tiles);
  // What is bound beside the evaluators' own; `stored` may be empty. Kernels that store go first. If kernels
  // of single AIRs are among them, the marks around those.
  std::optional<Marks> record(Work& work, const Range& addresses, const Range& eq, const Range& partials,
                              const Range& stored, std::span<const Use> uses);

 private:
  struct Target {
    std::vector<ConstraintsPiece> pieces;
    uint64_t tiles = 0;
    uint32_t spilled_slots = 0;
  };
  void record_interpreter(Work& work, const Target& target, const Range& addresses, const Range& eq,
                          const Range& partials, std::span<const Use> uses);

  const PreparedPieces& prepared_;
  codegen::Form form_;
  std::vector<Target> targets_;
};

}  // namespace openswirl::gpu
