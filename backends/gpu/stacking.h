// Stacking traces on the device (protocol part 03, 6).
#pragma once

#include <span>

#include "gpu/engine.h"
#include "poly/stacked_layout.h"
#include "stages/commitment.h"

namespace openswirl::gpu {

// A trace on the host, and on the device if it was sent there already.
struct TraceSource : stages::SourceMatrix {
  Range uploaded;
};

// The stacked matrix of traces sorted by height descending: columns of 2^log_stacked_height words, zero where
// no trace has a cell. The traces' memory is read until the next wait; one trace is on the device at a time
// in addition where it cannot be lent.
Array stack(Work& work, const StackedLayout& layout, std::span<const TraceSource> matrices);

}  // namespace openswirl::gpu
