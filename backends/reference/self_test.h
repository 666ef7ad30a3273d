// The known answers that the device tests itself with.
#pragma once

#include "backend/backend.h"

namespace openswirl::reference {

// Throws Error{kDevice} that names the first wrong answer.
void run_self_test(const Context& context);

}  // namespace openswirl::reference
