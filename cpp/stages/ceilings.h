// Measures what the machine can do with the kernels in use: short loops on all threads, the best of several.
#pragma once

#include "runtime/ceilings.h"
#include "runtime/context.h"

namespace openswirl::stages {

// Takes about a second and 512 MiB at most. Throws Error{kDevice} if a loop's result is not that of the
// scalar kernels.
Ceilings measure_ceilings(const Context& context);

// Seconds of one permutation in a chain, as the transcript runs them. Throws likewise.
double measure_permutation(const Context& context);

}  // namespace openswirl::stages
