#include "stages/stage_bytes.h"

#include <algorithm>

#include "field/ext.h"

namespace openswirl::stages {

// Leaves with base numerators, the layers above them, then the widest sumcheck's first folded tables.
uint64_t fractions_bytes(const ProofShape& shape) {
  return shape.total_interactions * ((sizeof(Fp) + sizeof(Ext)) + 2 * sizeof(Ext) + sizeof(Ext));
}

// All columns folded at r_0, while one trace is being folded once more.
uint64_t constraints_bytes(const VerifyingKey& vk, const ProofShape& shape) {
  uint64_t bytes = 0, largest = 0;
  for (const TraceShape& trace : shape.traces) {
    const AirVk& air = vk.airs[trace.air_id];
    const uint64_t columns = air.width.total() * (air.need_rot ? 2 : 1) + 3;
    const uint64_t folded = (columns << trace.lifted_n) * sizeof(Ext);
    bytes += folded;
    largest = std::max(largest, folded / 2);
  }
  return bytes + largest;
}

// Two combined columns of extension elements per trace height.
uint64_t stacking_bytes(const ProofShape& shape) {
  uint64_t bytes = 0;
  uint32_t last = ~uint32_t{0};
  for (const TraceShape& trace : shape.traces) {
    if (trace.log_height != last) bytes += 2 * (sizeof(Ext) << trace.log_height);
    last = trace.log_height;
  }
  return bytes;
}

}  // namespace openswirl::stages
