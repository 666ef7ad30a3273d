#include "stages/constraint_weights.h"

#include "constraints/batching.h"
#include "stages/chained_powers.h"

namespace openswirl::stages {
namespace {

constexpr uint32_t kAbsent = ~uint32_t{0};

// Appends nodes that are not there yet.
class NodeList {
 public:
  NodeList(size_t num_nodes, std::vector<uint32_t>& nodes) : nodes_(nodes), places_(num_nodes, kAbsent) {}
  uint32_t place(uint32_t node) {
    if (places_[node] == kAbsent) {
      places_[node] = static_cast<uint32_t>(nodes_.size());
      nodes_.push_back(node);
    }
    return places_[node];
  }

 private:
  std::vector<uint32_t>& nodes_;
  std::vector<uint32_t> places_;
};

}  // namespace

RowFunctions::RowFunctions(const ConstraintDag& dag)
    : constraints(dag.constraint_idx.begin(), dag.constraint_idx.end()) {
  if (dag.interactions.empty()) return;
  NodeList message_list(dag.nodes.size(), messages), count_list(dag.nodes.size(), counts);
  for (const Interaction& interaction : dag.interactions) {
    for (const uint32_t node : interaction.message) message_places.push_back(message_list.place(node));
    count_places.push_back(count_list.place(interaction.count));
  }
}

Ext row_constant(const ConstraintDag& dag, std::span<const Ext> interactions, const Ext& beta) {
  const std::vector<Ext> beta_powers = powers(beta, max_message_length(dag) + 1);
  Ext sum = Ext::zero();
  for (size_t s = 0; s < dag.interactions.size(); ++s) {
    const Interaction& interaction = dag.interactions[s];
    sum += interactions[s] *
           (beta_powers[interaction.message.size()] * Fp::from_u32(uint32_t{interaction.bus_index} + 1));
  }
  return sum;
}

RowWeights row_weights(const ConstraintDag& dag, const RowFunctions& functions,
                       std::span<const Ext> interactions, const Ext& beta, const Ext& lambda,
                       const RowFactors& factors) {
  RowWeights weights;
  weights.messages.assign(functions.messages.size(), Ext::zero());
  weights.counts.assign(functions.counts.size(), Ext::zero());
  const std::vector<Ext> beta_powers = powers(beta, max_message_length(dag) + 1);
  size_t entry = 0;
  for (size_t s = 0; s < dag.interactions.size(); ++s) {
    const Interaction& interaction = dag.interactions[s];
    weights.counts[functions.count_places[s]] += interactions[s] * factors.counts;
    const Ext scaled = interactions[s] * factors.messages;
    for (size_t j = 0; j < interaction.message.size(); ++j) {
      weights.messages[functions.message_places[entry++]] += scaled * beta_powers[j];
    }
  }
  weights.constraints = chained_powers(lambda, functions.constraints.size(), factors.constraints);
  return weights;
}

}  // namespace openswirl::stages
