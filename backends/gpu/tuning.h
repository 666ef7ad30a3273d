// Which variant of every kernel runs on a device: measured when the device is opened, where that takes
// little.
#pragma once

#include "gpu/engine.h"

namespace openswirl::gpu {

// Variants differ in their form of the permutation, so one kernel decides for all that have the same
// variants. All give equal values: what is measured here can change times only. A few milliseconds on a fast
// device.
Tuning measure_tuning(Work& work);

}  // namespace openswirl::gpu
