// The known answers that a GPU device tests itself with.
#pragma once

#include "gpu/engine.h"

namespace openswirl::gpu {

// Throws Error{kDevice} that names the first wrong answer.
void run_self_test(Work& work);

}  // namespace openswirl::gpu
