#include "gpu/trace_columns.h"

#include <algorithm>
#include <bit>

namespace openswirl::gpu {

std::vector<Use> DeviceTraces::uses(uint64_t bytes) const {
  std::vector<Use> result = memory;
  for (Use& use : result) {
    use.touched = std::min(use.range.bytes, bytes);
    bytes -= use.touched;
  }
  return result;
}

DeviceTraces locate_columns(const ProofShape& shape, std::span<const Range> stacked) {
  DeviceTraces result;
  result.traces.resize(shape.traces.size());
  for (size_t c = 0; c < stacked.size(); ++c) {
    const CommitmentShape& commitment = shape.commitments[c];
    const StackedLayout& layout = commitment.layout;
    if (stacked[c].bytes > 0) result.memory.push_back({stacked[c], Access::kRead});
    for (const StackedSlice& slice : layout.slices) {
      const bool common = commitment.trace == CommitmentShape::kCommon;
      TraceColumns& trace = result.traces[common ? slice.matrix : commitment.trace];
      const size_t part = common ? 0 : commitment.opening_part;
      if (trace.parts.size() <= part) trace.parts.resize(part + 1);
      const uint64_t cell = (uint64_t{slice.stacked_column} << layout.log_stacked_height) + slice.start_row;
      trace.parts[part].push_back(stacked[c].address() + 4 * cell);
      trace.log_stride = static_cast<uint32_t>(std::countr_zero(layout.stride(slice)));
    }
  }
  return result;
}

}  // namespace openswirl::gpu
