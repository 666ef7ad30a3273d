// The known answers that the device tests itself with.
#pragma once

#include "runtime/context.h"

namespace openswirl::cpu {

// Known answers of the protocol, then every hashing, transform and column kernel in use against the scalar
// one. Throws Error{kDevice} that names the first wrong answer.
void run_self_test(const Context& context);

}  // namespace openswirl::cpu
