// Which variant of every kernel runs on a device: measured when the device is first opened, where that takes
// little, and remembered on disk.
#pragma once

#include <string>

#include "gpu/engine.h"

namespace openswirl::gpu {

// kOn: what was picked before for this device, these kernels and this driver, else what is measured now.
// kAgain: measured now, which is told as news.
enum class TuningMode { kOff, kOn, kAgain };

// Variants differ in their form of the permutation, so one kernel decides for all that have the same
// variants. All give equal values: what is measured here can change times only. A few milliseconds on a fast
// device. Remembered in `folder`, unless that is empty; a file that cannot be read means measuring, one that
// cannot be written is a notice.
Tuning tune(Work& work, TuningMode mode, const std::string& folder);

}  // namespace openswirl::gpu
