#include "memory.h"

namespace openswirl::reference {

uint64_t commitment_bytes(const SystemParams& params, uint64_t stacked_width) {
  const uint64_t height = uint64_t{1} << params.log_stacked_height();
  const uint64_t codeword_height = height << params.log_blowup;
  return (height + codeword_height) * stacked_width * sizeof(Fp) +
         2 * (codeword_height >> params.whir.k) * sizeof(Digest);
}

uint64_t row_digest_bytes(uint64_t log_rows) { return (uint64_t{1} << log_rows) * sizeof(Digest); }

uint64_t fractions_bytes(const ProofShape& shape) {
  if (shape.num_gkr_layers == 0) return 0;
  // All layers, then eq, p0, q0, p1, q1 of the widest sumcheck.
  const uint64_t leaves = uint64_t{1} << shape.num_gkr_layers;
  return 2 * leaves * sizeof(Fraction) + 5 * (leaves / 2) * sizeof(Ext);
}

uint64_t constraints_bytes(const VerifyingKey& vk, const ProofShape& shape) {
  uint64_t bytes = 0;
  for (const TraceShape& trace : shape.traces) {
    const AirVk& air = vk.airs[trace.air_id];
    const uint64_t columns = air.width.total() * (air.need_rot ? 2 : 1) + 3;
    bytes += (columns << trace.lifted_n) * sizeof(Ext) + air.constraints.nodes.size() * sizeof(Ext);
  }
  return bytes;
}

uint64_t stacking_bytes(const ProofShape& shape) {
  // The folded stacked columns, and two tables per trace height.
  const uint64_t cube = uint64_t{1} << shape.params.n_stack;
  return (shape.total_stacked_width() + 4) * cube * sizeof(Ext);
}

uint64_t opening_bytes(const ProofShape& shape) {
  // Two tables, one temporary of the same size, then coefficients and the first folded codeword with its
  // tree.
  const uint64_t height = uint64_t{1} << shape.params.log_stacked_height();
  const uint64_t codeword = (height << shape.params.log_blowup) / 2;
  return 3 * height * sizeof(Ext) + codeword * (sizeof(Ext) + 2 * sizeof(Digest));
}

MemoryPlan make_plan(const VerifyingKey& vk, const ProofShape& shape) {
  uint64_t held = 0;
  for (const CommitmentShape& commitment : shape.commitments) {
    held += commitment_bytes(shape.params, commitment.layout.width);
  }
  for (const TraceShape& trace : shape.traces) {
    held += (uint64_t{vk.airs[trace.air_id].width.common_main} << trace.log_height) * sizeof(Fp);
  }
  MemoryPlan plan;
  plan.commit = held + row_digest_bytes(shape.params.log_stacked_height() + shape.params.log_blowup);
  plan.fractions = held + fractions_bytes(shape);
  plan.constraints = held + constraints_bytes(vk, shape);
  plan.stacking = held + stacking_bytes(shape);
  plan.whir = held + opening_bytes(shape);
  return plan;
}

}  // namespace openswirl::reference
