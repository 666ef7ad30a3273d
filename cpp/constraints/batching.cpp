#include "constraints/batching.h"

#include "poly/eq.h"

namespace openswirl {

std::vector<std::vector<Ext>> interaction_weights(const VerifyingKey& vk, const ProofShape& shape,
                                                  std::span<const Ext> xi) {
  std::vector<std::vector<Ext>> weights;
  uint64_t start = 0;
  for (const TraceShape& trace : shape.traces) {
    std::vector<Ext>& of_trace = weights.emplace_back();
    const size_t interactions = vk.airs[trace.air_id].constraints.interactions.size();
    if (interactions == 0) continue;
    // Heights are non-increasing, so every block starts at a multiple of its own lifted height.
    const uint64_t log_height = shape.params.l_skip + trace.lifted_n;
    const auto high = xi.subspan(log_height, shape.n_logup - trace.lifted_n);
    for (size_t s = 0; s < interactions; ++s) {
      of_trace.push_back(eq_at_index(high, start >> log_height));
      start += uint64_t{1} << log_height;
    }
  }
  return weights;
}

}  // namespace openswirl
