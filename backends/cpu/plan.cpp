#include "plan.h"

#include "stages/commitment.h"
#include "stages/opening.h"
#include "stages/stage_bytes.h"

namespace openswirl::cpu {

MemoryPlan make_plan(const VerifyingKey& vk, const ProofShape& shape, unsigned threads) {
  uint64_t held = 0;
  for (const CommitmentShape& commitment : shape.commitments) {
    held += stages::HostCommitted::held_bytes(shape.params, commitment.layout.width);
  }
  const uint64_t common_width = shape.commitments.front().layout.width;
  const uint64_t common = stages::HostCommitted::held_bytes(shape.params, common_width);
  MemoryPlan plan;
  plan.commit = held - common + stages::HostCommitted::peak_bytes(shape.params, common_width, threads);
  plan.fractions = held + stages::fractions_bytes(shape);
  plan.constraints = held + stages::constraints_bytes(vk, shape);
  plan.stacking = held + stages::stacking_bytes(shape);
  plan.whir = held + stages::OpeningStage::bytes(shape, threads);
  return plan;
}

}  // namespace openswirl::cpu
