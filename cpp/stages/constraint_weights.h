// The three row functions of an AIR as weighted sums of DAG nodes (protocol part 04, 5.1): C of the
// constraints, De of the messages, Nu of the counts. The nodes are those of the AIR; weights come with the
// challenges.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "field/ext.h"
#include "protocol/keys.h"

namespace openswirl::stages {

// Every node at most once in each function.
struct RowFunctions {
  explicit RowFunctions(const ConstraintDag& dag);

  std::vector<uint32_t> constraints;  // in the order of the powers of lambda
  std::vector<uint32_t> messages, counts;
  // Of all message entries, interaction by interaction, and of all counts: index into the nodes above.
  std::vector<uint32_t> message_places, count_places;
};

struct RowWeights {
  std::vector<Ext> constraints, messages, counts;  // of the nodes of RowFunctions
  Ext constant = Ext::zero();                      // of De: row_constant() times the factor of the messages
};

struct RowFactors {
  Ext constraints, messages, counts;
};

// The constant of De: the bus indices. interactions: e(T, s) of every interaction.
Ext row_constant(const ConstraintDag& dag, std::span<const Ext> interactions, const Ext& beta);
// Without the constant.
RowWeights row_weights(const ConstraintDag& dag, const RowFunctions& functions,
                       std::span<const Ext> interactions, const Ext& beta, const Ext& lambda,
                       const RowFactors& factors);

}  // namespace openswirl::stages
