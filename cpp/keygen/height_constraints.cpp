// Per-bus weights, the global interaction count, and the removal of implied constraints.
#include "keygen/height_constraints.h"

#include <algorithm>
#include <limits>
#include <map>

#include "openswirl/failure.h"

namespace openswirl {
namespace {

bool is_implied(const HeightConstraint& weak, const HeightConstraint& strong) {
  return weak.threshold >= strong.threshold &&
         std::equal(weak.coefficients.begin(), weak.coefficients.end(), strong.coefficients.begin(),
                    [](uint32_t a, uint32_t b) { return a <= b; });
}

}  // namespace

std::vector<HeightConstraint> minimise(std::span<const HeightConstraint> candidates) {
  std::vector<HeightConstraint> kept;
  for (const HeightConstraint& candidate : candidates) {
    const bool implied = std::any_of(kept.begin(), kept.end(), [&](const HeightConstraint& other) {
      return is_implied(candidate, other);
    });
    if (implied) continue;
    std::erase_if(kept, [&](const HeightConstraint& other) { return is_implied(other, candidate); });
    kept.push_back(candidate);
  }
  return kept;
}

std::vector<HeightConstraint> height_constraints(AirList airs, uint32_t max_interaction_count) {
  std::map<uint16_t, HeightConstraint> by_bus;
  HeightConstraint global{std::vector<uint32_t>(airs.size()), max_interaction_count};
  for (size_t id = 0; id < airs.size(); ++id) {
    const InteractionList& interactions = airs[id]->constraints.interactions;
    global.coefficients[id] = static_cast<uint32_t>(interactions.size());
    for (const Interaction& interaction : interactions) {
      HeightConstraint& bus = by_bus[interaction.bus_index];
      bus.threshold = Fp::kModulus;
      bus.coefficients.resize(airs.size());
      uint32_t& weight = bus.coefficients[id];
      if (interaction.count_weight > std::numeric_limits<uint32_t>::max() - weight) {
        throw Error(FailureKind::kKeygen,
                    "[keygen] AIR \"" + airs[id]->name + "\": the count weights on bus " +
                        std::to_string(interaction.bus_index) + " sum to more than 2^32 - 1");
      }
      weight += interaction.count_weight;
    }
  }
  std::vector<HeightConstraint> candidates;
  for (auto& [bus, constraint] : by_bus) candidates.push_back(std::move(constraint));
  candidates.push_back(std::move(global));
  return minimise(candidates);
}

}  // namespace openswirl
