// What a device can do at most, from short loops in its registers and over its memory
// (metal/kernels/rates.metal).
#pragma once

#include "gpu/engine.h"
#include "runtime/ceilings.h"

namespace openswirl::gpu {

// The best of several runs of each; tens of milliseconds on a fast device. Only for runtimes whose times mean
// something. Throws Error{kDevice} if a loop gives a wrong result.
Ceilings measure_ceilings(Work& work);

}  // namespace openswirl::gpu
