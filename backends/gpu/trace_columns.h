// Where the device holds the columns of a proof's traces: in the stacked matrices.
#pragma once

#include "gpu/call.h"
#include "protocol/shape.h"

namespace openswirl::gpu {

struct TraceColumns {
  // Address of row 0 of every column, by opening part; rows are 2^log_stride words apart.
  std::vector<std::vector<uint64_t>> parts;
  uint32_t log_stride = 0;
};

struct DeviceTraces {
  std::vector<TraceColumns> traces;  // sorted trace order
  std::vector<Use> memory;           // what the addresses point into, for calls that read through them

  // The same for calls that read so many bytes of it.
  std::vector<Use> uses(uint64_t bytes) const;
};

// `stacked`: the stacked matrix of every commitment, commit order.
DeviceTraces locate_columns(const ProofShape& shape, std::span<const Range> stacked);

}  // namespace openswirl::gpu
