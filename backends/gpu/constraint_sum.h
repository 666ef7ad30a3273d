// The batched zerocheck and LogUp input sumcheck on the device: the contract of stages::ConstraintSumStage.
// All sums over points and lines are the device's until little is left of them.
#pragma once

#include <optional>

#include "gpu/coset_sums.h"
#include "gpu/line_rounds.h"
#include "stages/constraint_lines.h"
#include "stages/constraint_rounds.h"

namespace openswirl::gpu {

// The host takes over the rounds over the hypercube when what one takes, as lines times positions times
// instructions, is at most this: it is done with them before a device answers.
inline constexpr uint64_t kHostConstraints = uint64_t{1} << 16;

class ConstraintSumStage {
 public:
  // The inputs, of which shape, AIRs, their programs and public values are read, traces and programs outlive
  // the stage. host_entries = 0 leaves all rounds to the device. Of `generated`, which may be null, the
  // kernels that are there now are used.
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
  struct Trace {
    size_t columns = 0;                            // rotated ones counted, and three selectors
    std::vector<size_t> part_starts;               // of FoldedTrace
    std::vector<uint32_t> places;                  // of FoldedTrace
    std::vector<Ext> values;                       // of the columns, as they lie, once they are on the host
    std::optional<stages::ConstraintLines> lines;  // once the host has taken over
    std::shared_ptr<const GeneratedAir> generated;
  };
  uint32_t air_id(size_t trace) const { return inputs_.shape.traces[trace].air_id; }
  PieceRequest request(size_t trace) const;
  CosetSums record_cosets(std::vector<CosetTask>& tasks, const ResultOf& result_of);
  // Whether the host takes over before this round.
  bool host_takes_over(uint32_t round) const;
  // Brings the columns of traces that end now, or of all, by the next wait.
  void record_downloads(bool all);
  void take_over();
  // Binds a challenge of the rounds that the host has.
  void bind_on_host(const Ext& challenge);
  std::vector<Ext> host_round(const Ext* challenge);
  std::vector<Ext> device_round();

  Work& work_;
  const stages::StageInputs& inputs_;
  const DeviceTraces& device_traces_;
  const ConstraintPrograms& programs_;
  const uint64_t host_entries_, coset_words_;
  stages::ConstraintRounds rounds_;
  std::vector<Trace> traces_;
  std::vector<EqSuffixTables> eq_tables_;  // of the traces
  Array eq_;
  std::optional<LineRounds> lines_;  // until the host takes over
  bool on_host_ = false;
};

}  // namespace openswirl::gpu
