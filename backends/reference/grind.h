// Proof-of-work search.
#pragma once

#include "backend/backend.h"

namespace openswirl::reference {

// The smallest witness (part 01, 6.3).
Fp smallest_witness(const GrindPoint& point, uint32_t bits, const Context& context);

}  // namespace openswirl::reference
