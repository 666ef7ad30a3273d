#include "gpu/plan.h"

#include <algorithm>

#include "gpu/committed.h"
#include "gpu/constraint_sum.h"
#include "stages/opening.h"
#include "stages/stage_bytes.h"

namespace openswirl::gpu {

MemoryPlan make_plan(const VerifyingKey& vk, const ProofShape& shape, const RuntimeInfo& device) {
  const unsigned threads = ThreadPool(0).size();
  const uint64_t common_width = shape.commitments.front().layout.width;
  uint64_t held = 0;
  for (const CommitmentShape& commitment : shape.commitments) {
    held += stages::HostCommitted::held_bytes(shape.params, commitment.layout.width);
  }
  uint64_t traces = 0;  // sent ahead where memory is not shared, else one at a time if it cannot be lent
  for (const TraceShape& trace : shape.traces) {
    const uint64_t bytes = uint64_t{4} * (vk.airs[trace.air_id].width.common_main << trace.log_height);
    traces = device.unified_memory ? std::max(traces, bytes) : traces + bytes;
  }
  MemoryPlan plan;
  plan.commit = held + traces + Committed::scratch_bytes(shape.params, common_width);
  plan.fractions = held + stages::fractions_bytes(shape);
  plan.constraints = held + ConstraintSumStage::bytes(vk, shape);
  plan.stacking = held + stages::stacking_bytes(shape);
  plan.whir = held + stages::OpeningStage::bytes(shape, threads);
  return plan;
}

}  // namespace openswirl::gpu
