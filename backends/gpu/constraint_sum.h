// The batched zerocheck and LogUp input sumcheck on the device: the contract of stages::ConstraintSumStage.
// All sums over points and lines are the device's until little is left of them.
#pragma once

#include <optional>

#include "gpu/constraint_plan.h"
#include "stages/constraint_lines.h"
#include "stages/constraint_rounds.h"

namespace openswirl::gpu {

class ConstraintSumStage {
 public:
  // The inputs, of which shape, AIRs, their programs and public values are read, traces and programs outlive
  // the stage; the plan is made of them.
  ConstraintSumStage(Work& work, const stages::StageInputs& inputs, const DeviceTraces& traces,
                     const ConstraintPrograms& programs, std::unique_ptr<ConstraintPlan> plan,
                     const Ext& beta, std::vector<Ext> xi, const Ext& lambda);
  // What it holds on the device at most.
  static uint64_t bytes(const VerifyingKey& vk, const ProofShape& shape);

  std::vector<stages::ConstraintRounds::Claim> sum_claims();
  std::vector<Ext> first_round(const Ext& mu);
  void fold(const Ext& r_0);
  std::vector<Ext> next(const Ext* challenge);
  std::vector<PartOpenings> finish(const Ext* challenge);

 private:
  struct Trace {
    std::vector<Ext> values;                       // of the columns, as they lie, once they are on the host
    std::optional<stages::ConstraintLines> lines;  // once the host has taken over
  };
  uint32_t air_id(size_t trace) const { return inputs_.shape.traces[trace].air_id; }
  void record(CosetSums& sums);
  void add_spans(const CosetSums& sums, std::span<const double> times);
  // Brings the columns of traces that end now, or of all, by the next wait.
  void record_downloads(bool all);
  void take_over();
  // Binds a challenge of the rounds that the host has.
  void bind_on_host(const Ext& challenge);
  std::vector<Ext> host_round(const Ext* challenge);
  void record_round();
  std::vector<Ext> device_round();

  Work& work_;
  const stages::StageInputs& inputs_;
  const DeviceTraces& device_traces_;
  const std::unique_ptr<ConstraintPlan> plan_;
  stages::ConstraintRounds rounds_;
  std::vector<Trace> traces_;
  Array eq_;
  bool on_host_ = false;
  bool recorded_ = false;           // the device's next round is
  std::optional<Marks> generated_;  // of that round
};

}  // namespace openswirl::gpu
