// The known answers that a GPU device tests itself with.
#pragma once

#include "gpu/engine.h"

namespace openswirl::gpu {

// Runs every kernel of the manifest, in every variant. Throws Error{kDevice} that names the first wrong
// answer. Nothing is left to the host, whatever the engine says; the work is for this alone.
void run_self_test(Work& work);

}  // namespace openswirl::gpu
