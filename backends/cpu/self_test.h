// The known answers that the device tests itself with.
#pragma once

#include "hash/kernels.h"
#include "runtime/context.h"
#include "stages/kernels.h"

namespace openswirl::cpu {

// Known answers of the protocol, then every vector kernel in use against the scalar one. Throws
// Error{kDevice} that names the first wrong answer.
void run_self_test(const Context& context);

// Every kernel of the table against the scalar one on small inputs; throws as above.
void compare_kernels(const stages::Kernels& tested, const Context& context);
void compare_hash_kernels(const HashKernels& tested);

}  // namespace openswirl::cpu
