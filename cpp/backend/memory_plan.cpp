#include <algorithm>

#include "backend/backend.h"

namespace openswirl {

uint64_t MemoryPlan::peak() const { return std::max({commit, fractions, constraints, stacking, whir}); }

}  // namespace openswirl
