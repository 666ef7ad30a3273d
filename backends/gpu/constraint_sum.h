// The batched zerocheck and LogUp input sumcheck on the device: the contract of stages::ConstraintSumStage.
// All sums over points and lines are the device's until little is left of them.
#pragma once

#include <optional>

#include "gpu/coset_sums.h"
#include "gpu/folded_columns.h"
#include "stages/constraint_lines.h"
#include "stages/constraint_rounds.h"

namespace openswirl::gpu {

// The host takes over the rounds over the hypercube when what one takes, as lines times positions times
// instructions, is at most this: it is done with them before a device answers.
inline constexpr uint64_t kHostConstraints = uint64_t{1} << 16;

class ConstraintSumStage {
 public:
  // The inputs, of which shape, AIRs and public values are read, traces and programs outlive the stage.
  // host_entries = 0 leaves all rounds to the device. Of `generated`, which may be null, the kernels that are
  // there now are used.
  ConstraintSumStage(Work& work, const stages::StageInputs& inputs, const DeviceTraces& traces,
                     const ConstraintPrograms& programs, const GeneratedConstraints* generated,
                     const Ext& beta, std::vector<Ext> xi, const Ext& lambda,
                     uint64_t host_entries = kHostConstraints, uint64_t coset_words = kCosetWords);
  // What it holds on the device at most.
  static uint64_t bytes(const VerifyingKey& vk, const ProofShape& shape);

  std::vector<stages::ConstraintRounds::Claim> sum_claims();
  std::vector<Ext> first_round(const Ext& mu);
  void fold(const Ext& r_0);
  std::vector<Ext> next(const Ext* challenge);
  std::vector<PartOpenings> finish(const Ext* challenge);

 private:
  // The columns of a trace on the device, all of one length, and on the host once they have one entry.
  struct Trace {
    EqSuffixTables eq;
    FoldedTrace folded;
    std::vector<Ext> values;
    std::optional<stages::ConstraintLines> lines;  // once the host has taken over
    std::shared_ptr<const GeneratedAir> generated;
    bool generated_lines = false;  // in the prepared pieces

    size_t columns() const { return folded.columns + 3; }
  };
  uint32_t air_id(size_t trace) const { return inputs_.shape.traces[trace].air_id; }
  // Without weights; those of all requests are found on all threads.
  PieceRequest request(size_t trace) const;
  void weigh(std::span<PieceRequest> requests) const;
  CosetSums record_cosets(std::vector<CosetTask>& tasks,
                          const std::array<std::optional<size_t>, 3>& result_of);
  // Where the trace's lines are needed now, and how many there are.
  stages::ConstraintRounds::Positions line_positions(size_t trace) const;
  uint32_t log_lines(size_t trace) const { return rounds_.ends_now(trace) ? 0 : rounds_.log_lines(trace); }
  // For this round: as for the last one, unless other kernels pay now.
  void prepare_lines();
  bool host_takes_over() const;
  // Binds r_1, r_2, .. of the columns on the device.
  void bind(const Ext& challenge);
  // Of a trace's folded columns.
  size_t column_of(size_t trace, const stages::LeafSource& row) const;
  // Brings the columns of traces that are not on the host yet by the next wait.
  void record_downloads(bool all);
  void take_over();
  std::vector<Ext> host_round();
  std::vector<Ext> device_round();

  Work& work_;
  const stages::StageInputs& inputs_;
  const DeviceTraces& device_traces_;
  const ConstraintPrograms& programs_;
  const uint64_t host_entries_, coset_words_;
  stages::ConstraintRounds rounds_;
  std::vector<Trace> traces_;
  Array eq_;
  std::optional<PreparedPieces> lines_;  // of the rounds over the hypercube
  Array elements_;                       // columns of the traces that are not on the host
  bool on_host_ = false;
};

}  // namespace openswirl::gpu
