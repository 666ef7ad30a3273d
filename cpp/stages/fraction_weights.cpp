#include "stages/fraction_weights.h"

#include <algorithm>

#include "field/two_adic.h"

namespace openswirl::stages {

FractionWeights fraction_weights(const InteractionList& interactions, const Ext& alpha, const Ext& beta) {
  size_t longest = 0;
  for (const Interaction& interaction : interactions) longest = std::max(longest, interaction.message.size());
  const std::vector<Ext> beta_powers = powers(beta, longest + 1);
  FractionWeights result;
  for (const Interaction& interaction : interactions) {
    const size_t length = interaction.message.size();
    result.messages.insert(result.messages.end(), beta_powers.begin(),
                           beta_powers.begin() + static_cast<std::ptrdiff_t>(length));
    result.constants.push_back(alpha +
                               beta_powers[length] * Fp::from_u32(uint32_t{interaction.bus_index} + 1));
  }
  return result;
}

}  // namespace openswirl::stages
