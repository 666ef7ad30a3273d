#include "protocol/shape.h"

#include <algorithm>
#include <bit>

namespace openswirl {
namespace {

CommitmentShape common_commitment(const VerifyingKey& vk, const ProofShape& shape) {
  CommitmentShape commitment;
  std::vector<MatrixShape> matrices;
  for (const TraceShape& trace : shape.traces) {
    matrices.push_back({vk.airs[trace.air_id].width.common_main, trace.log_height});
    commitment.need_rot.push_back(vk.airs[trace.air_id].need_rot);
  }
  commitment.layout = make_stacked_layout(static_cast<uint32_t>(vk.params.l_skip),
                                          static_cast<uint32_t>(vk.params.log_stacked_height()), matrices);
  return commitment;
}

CommitmentShape part_commitment(const VerifyingKey& vk, const ProofShape& shape, uint32_t trace,
                                uint32_t part) {
  const AirVk& air = vk.airs[shape.traces[trace].air_id];
  CommitmentShape commitment{trace, part, {}, {air.need_rot}};
  const MatrixShape matrix{air.part_width(part), shape.traces[trace].log_height};
  commitment.layout =
      make_stacked_layout(static_cast<uint32_t>(vk.params.l_skip),
                          static_cast<uint32_t>(vk.params.log_stacked_height()), {&matrix, 1});
  return commitment;
}

}  // namespace

uint64_t ProofShape::total_stacked_width() const {
  uint64_t width = 0;
  for (const CommitmentShape& commitment : commitments) width += commitment.layout.width;
  return width;
}

ProofShape make_proof_dimensions(const VerifyingKey& vk,
                                 std::span<const std::optional<uint32_t>> log_heights) {
  ProofShape shape;
  shape.params = vk.params;
  const auto l_skip = static_cast<int32_t>(vk.params.l_skip);
  for (uint32_t id = 0; id < log_heights.size(); ++id) {
    if (!log_heights[id]) continue;
    const int32_t n = static_cast<int32_t>(*log_heights[id]) - l_skip;
    shape.traces.push_back({id, *log_heights[id], n, static_cast<uint32_t>(std::max(n, 0))});
  }
  std::stable_sort(shape.traces.begin(), shape.traces.end(),
                   [](const TraceShape& a, const TraceShape& b) { return a.log_height > b.log_height; });

  for (const TraceShape& trace : shape.traces) {
    shape.n_max = std::max(shape.n_max, trace.lifted_n);
    shape.total_interactions += uint64_t{vk.airs[trace.air_id].constraints.interactions.size()}
                                << (l_skip + static_cast<int32_t>(trace.lifted_n));
  }
  if (shape.total_interactions > 0) {
    // The smallest power of two strictly larger than the total: at least one padding leaf always exists.
    shape.num_gkr_layers = static_cast<uint32_t>(std::bit_width(shape.total_interactions));
    shape.n_logup = shape.num_gkr_layers - static_cast<uint32_t>(l_skip);
  }
  return shape;
}

void place_columns(const VerifyingKey& vk, ProofShape& shape) {
  shape.commitments.push_back(common_commitment(vk, shape));
  for (uint32_t t = 0; t < shape.traces.size(); ++t) {
    const auto parts = static_cast<uint32_t>(vk.airs[shape.traces[t].air_id].num_parts());
    for (uint32_t part = 1; part < parts; ++part)
      shape.commitments.push_back(part_commitment(vk, shape, t, part));
  }
}

ProofShape make_proof_shape(const VerifyingKey& vk, std::span<const std::optional<uint32_t>> log_heights) {
  ProofShape shape = make_proof_dimensions(vk, log_heights);
  place_columns(vk, shape);
  return shape;
}

}  // namespace openswirl
