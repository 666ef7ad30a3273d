// How an AIR's interactions become fractions (protocol part 04, 3.4 and 3.5).
#pragma once

#include <vector>

#include "field/ext.h"
#include "protocol/keys.h"

namespace openswirl::stages {

struct FractionWeights {
  std::vector<Ext> messages;   // beta^j for every message entry, interaction by interaction
  std::vector<Ext> constants;  // alpha + beta^length (bus + 1), per interaction
};

FractionWeights fraction_weights(const InteractionList& interactions, const Ext& alpha, const Ext& beta);

}  // namespace openswirl::stages
