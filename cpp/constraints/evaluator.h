// One evaluator of the constraint DAG for every kind of value: base field rows, packed rows, an extension
// point.
#pragma once

#include <concepts>
#include <span>
#include <vector>

#include "protocol/dag.h"

namespace openswirl {

// What the leaves of a DAG evaluate to: V is Fp, Ext or a packed type.
template <class L, class V>
concept DagLeaves = requires(const L& leaves, const Variable& variable, Fp constant) {
  { leaves.variable(variable) } -> std::convertible_to<V>;
  { leaves.is_first_row() } -> std::convertible_to<V>;
  { leaves.is_last_row() } -> std::convertible_to<V>;
  { leaves.is_transition() } -> std::convertible_to<V>;
  { leaves.constant(constant) } -> std::convertible_to<V>;
};

// Evaluates every node in order into `nodes` (one slot per node). The DAG's operands precede their users, and
// `leaves` answers for every variable that occurs in it.
template <class V, DagLeaves<V> L>
void evaluate_dag(const ConstraintDag& dag, const L& leaves, std::span<V> nodes) {
  for (size_t i = 0; i < dag.nodes.size(); ++i) {
    const Node& node = dag.nodes[i];
    switch (node.kind) {
      case Node::Kind::kVariable:
        nodes[i] = leaves.variable(node.variable());
        break;
      case Node::Kind::kIsFirstRow:
        nodes[i] = leaves.is_first_row();
        break;
      case Node::Kind::kIsLastRow:
        nodes[i] = leaves.is_last_row();
        break;
      case Node::Kind::kIsTransition:
        nodes[i] = leaves.is_transition();
        break;
      case Node::Kind::kConstant:
        nodes[i] = leaves.constant(node.constant());
        break;
      case Node::Kind::kAdd:
        nodes[i] = nodes[node.left] + nodes[node.right];
        break;
      case Node::Kind::kSub:
        nodes[i] = nodes[node.left] - nodes[node.right];
        break;
      case Node::Kind::kNeg:
        nodes[i] = -nodes[node.left];
        break;
      case Node::Kind::kMul:
        nodes[i] = nodes[node.left] * nodes[node.right];
        break;
    }
  }
}

}  // namespace openswirl
