// The linear bounds on trace heights that keep bus sums from wrapping around p (protocol part 02, 4.5).
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "keygen/air_definition.h"

namespace openswirl {

using AirList = std::span<const std::shared_ptr<const AirDefinition>>;

// One constraint per bus and the global one, minimised. Throws Error{kKeygen} naming the AIR and bus whose
// count weights sum to more than 32 bits.
std::vector<HeightConstraint> height_constraints(AirList airs, uint32_t max_interaction_count);

// Drops every constraint that another one implies; the order of part 02, 4.5.
std::vector<HeightConstraint> minimise(std::span<const HeightConstraint> candidates);

}  // namespace openswirl
