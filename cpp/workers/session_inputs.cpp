#include "workers/session_inputs.h"

#include <string>

#include "openswirl/failure.h"

namespace openswirl::workers {

stages::StageInputs begin_inputs(const VerifyingKey& vk, const stages::KeyPrograms& programs,
                                 const ProofShape& shape, std::span<const TraceInput> traces,
                                 const Context& context) {
  stages::StageInputs inputs;
  inputs.shape = shape;
  inputs.vk = &vk;
  inputs.programs = &programs;
  inputs.context = context;
  if (traces.size() != shape.traces.size())
    throw Error(FailureKind::kInput, "one input per present trace is needed");
  for (size_t t = 0; t < traces.size(); ++t) {
    const AirVk& air = vk.airs[shape.traces[t].air_id];
    if (traces[t].common_main->rows() != uint64_t{1} << shape.traces[t].log_height ||
        traces[t].common_main->columns() != air.width.common_main ||
        traces[t].cached_mains.size() != air.width.cached_mains.size() ||
        traces[t].public_values.size() != air.num_public_values) {
      throw Error(FailureKind::kInput, "trace " + std::to_string(t) + " of the session does not fit its AIR");
    }
  }
  return inputs;
}

PartPlace part_place(const VerifyingKey& vk, const ProofShape& proof, const CommitmentShape& shape) {
  const uint32_t air_id = proof.traces[shape.trace].air_id;
  const bool has_preprocessed = vk.airs[air_id].width.preprocessed.has_value();
  if (has_preprocessed && shape.opening_part == 1) return {air_id, true, 0};
  return {air_id, false, size_t{shape.opening_part} - 1 - (has_preprocessed ? 1 : 0)};
}

void add_traces(stages::StageInputs& inputs, std::span<const TraceInput> traces) {
  for (size_t t = 0; t < traces.size(); ++t) {
    const TraceShape& shape = inputs.shape.traces[t];
    const AirVk& air = inputs.vk->airs[shape.air_id];
    inputs.traces.push_back(
        {&air, shape, std::vector<stages::PartView>(air.num_parts()), traces[t].public_values});
  }
}

void add_commitments(stages::StageInputs& inputs, std::span<const stages::CommitmentView> views,
                     std::span<const TraceInput> traces) {
  add_traces(inputs, traces);
  for (size_t c = 0; c < views.size(); ++c) {
    const CommitmentShape& shape = inputs.shape.commitments[c];
    const stages::CommitmentView& view = views[c];
    inputs.commitments.push_back(view);
    for (const StackedSlice& slice : view.layout->slices) {
      const bool common = shape.trace == CommitmentShape::kCommon;
      stages::PartView& part = inputs.traces[common ? slice.matrix : shape.trace].parts[shape.opening_part];
      part.columns.push_back(view.stacked +
                             (uint64_t{slice.stacked_column} << view.layout->log_stacked_height) +
                             slice.start_row);
      part.stride = view.layout->stride(slice);
    }
  }
}

}  // namespace openswirl::workers
