// How evaluated nodes become the three row functions that the sumchecks batch (protocol part 04, 3.2, 3.4
// and 5.1). V: value of a node (Fp, Ext, packed); W: weight (Ext); R: their product and sum.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "field/two_adic.h"
#include "protocol/shape.h"

namespace openswirl {

// C = sum_k lambda^k node[constraint_idx[k]].
template <class R, class V, class W>
R combine_constraints(const ConstraintDag& dag, std::span<const V> nodes, std::span<const W> lambda_powers) {
  R sum = R::zero();
  for (size_t k = 0; k < dag.constraint_idx.size(); ++k)
    sum += lambda_powers[k] * nodes[dag.constraint_idx[k]];
  return sum;
}

// q = sum_j beta^j message_j + beta^length (bus + 1), without alpha. beta_powers has max_message_length + 1
// entries.
template <class R, class V, class W>
R interaction_denominator(const Interaction& interaction, std::span<const V> nodes,
                          std::span<const W> beta_powers) {
  const size_t length = interaction.message.size();
  R sum = R(beta_powers[length] * Fp::from_u32(uint32_t{interaction.bus_index} + 1));
  for (size_t j = 0; j < length; ++j) sum += beta_powers[j] * nodes[interaction.message[j]];
  return sum;
}

template <class R>
struct InteractionSums {
  R numerator, denominator;
};

// Nu = sum_s e_s count_s and De = sum_s e_s q_s over the interactions of one AIR with weights e (part
// 04, 3.2).
template <class R, class V, class W>
InteractionSums<R> combine_interactions(const ConstraintDag& dag, std::span<const V> nodes,
                                        std::span<const W> beta_powers, std::span<const W> weights) {
  InteractionSums<R> sums{R::zero(), R::zero()};
  for (size_t s = 0; s < dag.interactions.size(); ++s) {
    const Interaction& interaction = dag.interactions[s];
    sums.numerator += weights[s] * nodes[interaction.count];
    sums.denominator += weights[s] * interaction_denominator<R>(interaction, nodes, beta_powers);
  }
  return sums;
}

inline size_t max_message_length(const ConstraintDag& dag) {
  size_t length = 0;
  for (const Interaction& interaction : dag.interactions)
    length = std::max(length, interaction.message.size());
  return length;
}

// e(T, s) for every trace in sorted order and every interaction in declaration order: the part of eq(xi, .)
// that selects the interaction's block of LogUp leaves. xi has l_skip + n_global coordinates.
std::vector<std::vector<Ext>> interaction_weights(const VerifyingKey& vk, const ProofShape& shape,
                                                  std::span<const Ext> xi);

}  // namespace openswirl
