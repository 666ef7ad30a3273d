// Proof of work: the smallest witness, whatever the number of threads (protocol part 01, 6.3).
#pragma once

#include "hash/sponge.h"
#include "runtime/context.h"

namespace openswirl::stages {

// The smallest canonical witness whose sample has `bits` low zero bits, 1 <= bits <= 30.
// Throws Error{kInternal} if the whole field holds none.
Fp grind(const Context& context, const GrindPoint& point, uint32_t bits);

}  // namespace openswirl::stages
