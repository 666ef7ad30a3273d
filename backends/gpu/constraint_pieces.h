// The pieces of constraint dispatches, and who evaluates them: the interpreter for many traces at once, or a
// kernel made for one AIR.
#pragma once

#include <array>
#include <functional>
#include <optional>

#include "gpu/eq_suffixes.h"
#include "gpu/generated_constraints.h"
#include "gpu/kernels.h"
#include "stages/constraint_rounds.h"
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
  uint32_t num_stored = 0;         // rows of stored values, behind those of the AIR
  std::vector<bool> rows;          // of the AIR: which are read
  std::vector<Ext> constants;      // per result: what is to be added to its sums; once they are weighed
  uint32_t publics = 0;            // word of the interpreter's weights
};

// A trace whose row functions are to be evaluated.
struct PieceRequest {
  const stages::TraceView* view = nullptr;
  std::shared_ptr<const GeneratedAir> generated;  // null: the interpreter
  uint64_t places = 0;                            // points of all cosets, or lines times positions
};

// Everything for the dispatches of one message. What the traces' pieces are is known at once; their weights
// may come later, while the device is busy.
class PreparedPieces {
 public:
  PreparedPieces(const ConstraintPrograms& programs, codegen::Form form,
                 std::span<const PieceRequest> requests, const ResultOf& result_of, size_t results);

  // Every request once; different ones on any threads at a time, each on several of those of the context
  // where it is alone.
  void weigh(const Context& context, size_t request, const stages::RowWeights& weights);
  // Of lines, once all are weighed: times these factors, the weights of constraints and those of messages and
  // counts.
  void scale(const Context& context, const stages::ConstraintRounds::FoldFactors& factors);
  // Once that is done, and before anything is recorded. The object lives until a wait for the submission.
  void upload(Work& work);

  // What evaluates each trace over so many tiles, 0 for those that do not take part: the fewer tiles there
  // are, the more pieces.
  std::vector<std::vector<TracePiece>> split(std::span<const uint64_t> tiles) const;

  std::vector<Evaluator> evaluators;  // the interpreter first
  std::vector<TracePieces> traces;    // in the order asked for

 private:
  struct Trace {
    PieceRequest request;
    std::shared_ptr<const GeneratedAir::Tables> tables;  // null: interpreted
    uint32_t first_cell = 0;                             // among the weights of cells
    std::vector<TracePiece> pieces, short_pieces;        // of the interpreter
    std::vector<size_t> evaluator_of;                    // by kernel; 0: none
    // Made before there are weights, so that weighing need not touch new memory.
    std::vector<Ext> scratch;
    std::vector<Ext> constants[2];  // per result, of constraints and the rest
    bool weighed = false;
  };
  const stages::RowFunctions& functions(const Trace& trace) const;
  void interpret(Trace& trace, TracePieces& pieces);
  void generate(Trace& trace, TracePieces& pieces);
  std::vector<TracePiece> interpreted(std::span<const ConstraintPiece> of_air, TracePieces& pieces);
  TracePiece generated_piece(const Trace& trace, const codegen::CellPart& part) const;
  void weigh_interpreted(std::span<const ConstraintPiece> of_air, const stages::RowWeights& weights,
                         std::span<Ext> elements) const;
  void weigh_cells(const Context& context, Trace& trace, TracePieces& pieces,
                   const stages::RowWeights& weights);
  void scale_interpreted(std::span<const ConstraintPiece> of_air,
                         const stages::ConstraintRounds::FoldFactors& factors, std::span<Ext> elements) const;
  void scale_cells(const stages::ConstraintRounds::FoldFactors& factors, size_t begin, size_t end);

  const ConstraintPrograms& programs_;
  const codegen::Form form_;
  const ResultOf result_of_;
  const size_t results_;
  std::vector<Trace> of_request_;
  uint32_t num_elements_ = 0, num_publics_ = 0;  // of the interpreter
  uint32_t num_cells_ = 0;                       // of the kernels of single AIRs
  std::vector<Ext> elements_, cell_elements_;    // as they are uploaded, once they are weighed and scaled
  // Of lines, before they are scaled: of constraints and of the rest, which is empty if nothing has any.
  std::vector<Ext> cell_weights_[2];
  bool scaled_ = true;
  std::vector<Array> memory_;
};

// Two time stamps of a recorder.
struct Marks {
  size_t begin = 0, end = 0;
};
// Reports the time of kernels of single AIRs, and of an interpreter that ran beside them, after the wait that
// gave the times.
inline void add_generated_span(Work& work, const Marks& marks, std::span<const double> times) {
  work.context().spans->add("generated_constraints", times[marks.begin], times[marks.end], true);
}

// Pieces by evaluator, until they are recorded.
class PieceDispatches {
 public:
  PieceDispatches(const PreparedPieces& prepared, codegen::Form form)
      : prepared_(&prepared), form_(form), targets_(prepared.evaluators.size()) {}

  // `piece` has everything but what TracePiece and the order of the pieces say. `tiles` of it follow.
  void add(const TracePiece& of_trace, ConstraintsPiece piece, uint64_t tiles);
  bool empty() const;
  // Once all are there: moves the descriptors behind those in `table`, which is to be uploaded.
  void append_to(std::vector<ConstraintsPiece>& table);
  // What is bound beside the evaluators' own; `stored` may be empty. Kernels that store go first, and only
  // they write what `uses` names as written. Nothing orders the others among themselves, nor any of them by
  // `partials`: no two pieces write the same ones. If kernels of single AIRs are among them, the marks around
  // all.
  std::optional<Marks> record(Work& work, const Range& table, const Range& addresses, const Range& eq,
                              const Range& partials, const Range& stored, std::span<const Use> uses) const;

 private:
  struct Target {
    std::vector<ConstraintsPiece> pieces;
    size_t first = 0, count = 0;  // in the table
    uint64_t tiles = 0;
    uint32_t spilled_slots = 0, log_size = 0;  // most of a piece

    Range range(const Range& table) const {
      return table.part(sizeof(ConstraintsPiece) * first, sizeof(ConstraintsPiece) * count);
    }
  };
  static uint64_t interpreting_groups(const Target& target);
  void record_interpreter(Work& work, const Range& table, const Range& addresses, const Range& eq,
                          const Range& spilled, const Range& partials, std::span<const Use> uses) const;

  // Of a group, 0 for all that the kernel has.
  uint32_t group_size(const Target& target) const;

  const PreparedPieces* prepared_;
  codegen::Form form_;
  std::vector<Target> targets_;
};

}  // namespace openswirl::gpu
