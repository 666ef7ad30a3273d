// Proof-of-work search, and the known answers that the device tests itself with.
#pragma once

#include "backend/backend.h"

namespace openswirl::reference {

// The smallest witness (part 01, 6.3).
Fp smallest_witness(const GrindPoint& point, uint32_t bits, const Context& context);

// Throws Error{kDevice} that names the first wrong answer.
void run_self_test(const Context& context);

}  // namespace openswirl::reference
