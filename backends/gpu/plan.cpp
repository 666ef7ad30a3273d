#include "gpu/plan.h"

#include <algorithm>

#include "gpu/committed.h"
#include "stages/opening.h"
#include "stages/stage_bytes.h"

namespace openswirl::gpu {

MemoryPlan make_plan(const VerifyingKey& vk, const ProofShape& shape, const RuntimeInfo& device) {
  const unsigned threads = ThreadPool(0).size();
  const uint64_t common_width = shape.commitments.front().layout.width;
  uint64_t held = 0;
  for (const CommitmentShape& commitment : shape.commitments) {
    const uint64_t width = commitment.layout.width;
    const uint64_t bytes = stages::HostCommitted::held_bytes(shape.params, width);
    const uint64_t tree = bytes - stages::HostCommitted::matrix_bytes(shape.params, width);
    // The host's stages read the device's memory where it is theirs too, except for the tree.
    held += bytes + (device.unified_memory ? tree : bytes);
  }
  uint64_t traces = 0;  // on the device at a time, where they cannot be lent
  for (const TraceShape& trace : shape.traces) {
    traces = std::max(traces, uint64_t{4} * (vk.airs[trace.air_id].width.common_main << trace.log_height));
  }
  MemoryPlan plan;
  plan.commit = held + traces + Committed::scratch_bytes(shape.params, common_width);
  plan.fractions = held + stages::fractions_bytes(shape);
  plan.constraints = held + stages::constraints_bytes(vk, shape);
  plan.stacking = held + stages::stacking_bytes(shape);
  plan.whir = held + stages::OpeningStage::bytes(shape, threads);
  return plan;
}

}  // namespace openswirl::gpu
