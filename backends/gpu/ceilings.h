// What a device can do at most, from short loops in its registers and over its memory
// (metal/kernels/rates.metal).
#pragma once

#include "gpu/engine.h"
#include "runtime/ceilings.h"

namespace openswirl::gpu {

// The best of several runs of each; tens of milliseconds on a fast device. Only for runtimes whose times mean
// something. Throws Error{kDevice} if a chain gives a wrong result; permutations, copies and reads are timed
// and not compared here (the self-test and the device's tests do that).
Ceilings measure_ceilings(Work& work);

}  // namespace openswirl::gpu
