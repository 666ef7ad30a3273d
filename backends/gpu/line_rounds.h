// The rounds over the hypercube of the constraint sums on the device (protocol part 04, 6): where the columns
// lie in each, and what its dispatches read. Nothing of that but the challenges changes on the way, so its
// pieces are made before the first challenge, their weights while the device is in the univariate round, and
// tables of addresses once there are arrays.
#pragma once

#include <optional>

#include "gpu/constraint_pieces.h"
#include "gpu/folded_columns.h"
#include "gpu/tile_sums.h"
#include "stages/constraint_rounds.h"

namespace openswirl::gpu {

struct LineOperands {
  const stages::StageInputs& inputs;  // shape, AIRs and public values
  const ConstraintPrograms& programs;
  // By trace: its kernels, null for the interpreter; where eq(xi[l..l+n), x) is.
  std::span<const std::shared_ptr<const GeneratedAir>> generated;
  std::span<const EqSuffixTables> eq;
  const FoldPlan& folded;
};

class LineRounds {
 public:
  // Round j begins when r_0 .. r_{j-1} are bound. The sums of rounds 1 .. last are found here; behind them
  // the columns are handed over. Made before any challenge; records uploads. The operands outlive the object.
  LineRounds(Work& work, const LineOperands& operands, uint32_t last);
  // Takes the weights that the rounds have after mu and before r_0.
  void weigh(const stages::ConstraintRounds& rounds);
  // Once r_0 is bound; records uploads.
  void begin(const stages::ConstraintRounds& rounds, const Range& eq_words, FoldedColumns columns);

  // Folds the columns for the next round.
  void bind(const Ext& challenge);
  // Records what finds the sums of the round. If kernels of single AIRs are among it, the marks around them.
  std::optional<Marks> record_sums() { return record_sums(round_); }
  // Whether the next round is one of the device in which no trace ends.
  bool has_round_ahead() const;
  // Records that round while the device is in this one: bind() gives the challenge. Nothing is submitted
  // before.
  std::optional<Marks> record_ahead();
  // After the wait: of a trace that takes part, with the constant, at its positions; or its one value if it
  // ends now.
  std::vector<Ext> sums(size_t trace) const;

  // Whether the round is not one of those of the device.
  bool handed_over() const { return round_ > last_; }
  // A column of the trace has 2^log_length elements now.
  uint32_t log_length(size_t trace) const { return lifted_n(trace) + 1 - round_; }
  // Brings the columns of traces that end now, or are handed over, by the next wait: of those from `first`
  // on, one after another as FoldedTrace::places says.
  void download(size_t first, std::span<std::vector<Ext>* const> to);

 private:
  struct Trace {
    uint64_t first_stored_word = 0;
    uint64_t second_element = 0;                // where its columns begin in the second array
    uint32_t first_row[2] = {}, ended_row = 0;  // in the table of addresses, by array; once it has ended
  };
  // What one round needs of the uploaded tables.
  struct Round {
    TileSums sums;
    std::vector<size_t> result_of;  // by trace that takes part
    std::optional<PieceDispatches> dispatches;
    size_t first_result = 0, num_results = 0;  // in the table of results
    size_t first_fold = 0, num_folds = 0;      // into the round, in the table of folds
    uint64_t fold_groups = 0, elements = 0;    // columns of all traces that have any
  };
  uint32_t lifted_n(size_t trace) const { return operands_.inputs.traces[trace].shape.lifted_n; }
  uint32_t length_in(size_t trace, uint32_t round) const { return lifted_n(trace) + 1 - round; }
  bool ends_in(size_t trace, uint32_t round) const { return lifted_n(trace) + 1 == round; }
  bool has_columns(size_t trace, uint32_t round) const { return lifted_n(trace) + 1 >= round; }
  stages::Positions positions(size_t trace, uint32_t round) const;
  uint32_t log_lines(size_t trace, uint32_t round) const;
  const FoldedTrace& folded(size_t trace) const { return operands_.folded.traces[trace]; }
  uint64_t num_columns(size_t trace) const { return folded(trace).num_read; }  // that are folded

  // The columns lie in two arrays in turns, at places that do not change, so that one table of addresses
  // serves all rounds: a column's part of an array is as long as it once was. Those that go to the host
  // lie together.
  static uint32_t array_in(uint32_t round) { return round % 2 == 1 ? 0 : 1; }
  uint32_t log_stride(size_t trace, uint32_t round) const;
  uint64_t first_element(size_t trace, uint32_t round) const {
    return array_in(round) == 0 ? folded(trace).first_element : traces_[trace].second_element;
  }
  uint64_t address(size_t trace, uint32_t round) const {
    return arrays_[array_in(round)].range().address() + sizeof(Ext) * first_element(trace, round);
  }
  size_t place_of(size_t trace, const stages::LeafSource& row) const;
  // Those that are only opened, of traces first, .., end - 1: at the challenges bound so far, trace after
  // trace.
  Array bind_opened(size_t first, size_t end);

  void record_fold(uint32_t into);
  ConstraintSumsFoldArgs fold_args(uint32_t into, const Ext& challenge) const;
  std::optional<Marks> record_sums(uint32_t round);
  void place_columns();
  uint64_t stored_value_words(size_t trace) const;
  void place_rows();
  void prepare_sums(uint32_t round);
  // Once there are arrays.
  std::vector<ConstraintsFold> prepare_folds();
  std::vector<uint64_t> row_addresses() const;
  std::vector<ConstraintsResult> place_sums();

  Work& work_;
  const LineOperands operands_;
  const uint32_t last_;
  uint32_t round_ = 1;
  std::vector<Trace> traces_;
  uint64_t second_elements_ = 0;  // of the second array
  Array arrays_[2];
  std::optional<size_t> fold_ahead_;  // its dispatch, if the next round is recorded already
  Array opened_;                      // columns that are only opened, as they were before round 1
  std::vector<Ext> bound_;            // r_1, r_2, ..
  uint32_t num_rows_ = 0;             // of the table of addresses
  uint64_t stored_words_ = 0;
  Array stored_;  // values that kernels of single AIRs store
  std::optional<PreparedPieces> prepared_;
  std::vector<Ext> constants_;
  std::vector<Round> rounds_;             // from round 1 on
  std::vector<ConstraintsPiece> pieces_;  // of all rounds
  Range eq_words_;
  Array folds_, addresses_, piece_table_, result_table_;
};

}  // namespace openswirl::gpu
