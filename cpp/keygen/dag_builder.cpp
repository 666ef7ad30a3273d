// Interning with the simplification rules of part 02, 3.2. The first rule that fits is final.
#include "keygen/dag_builder.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace openswirl {
namespace {

constexpr uint32_t kUnset = std::numeric_limits<uint32_t>::max();

uint64_t mix(uint64_t hash, uint64_t value) {
  hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
  return hash ^ (hash >> 29);
}

}  // namespace

size_t NodeHash::operator()(const Node& node) const {
  uint64_t hash =
      static_cast<uint64_t>(node.kind) << 24 | static_cast<uint64_t>(node.entry) << 16 | node.offset;
  hash = mix(hash, uint64_t{node.left} << 32 | node.right);
  return static_cast<size_t>(mix(hash, node.degree));
}

uint32_t DagBuilder::intern(const Node& node) {
  const auto [entry, is_new] = index_.try_emplace(node, static_cast<uint32_t>(nodes_.size()));
  if (is_new) nodes_.push_back(node);
  return entry->second;
}

uint32_t DagBuilder::intern_constant(Fp value) { return intern(Node::of(value)); }

uint32_t DagBuilder::simplify(const Node& tree, uint32_t left, uint32_t right) {
  Node node;
  node.kind = tree.kind;
  node.left = left;
  node.right = right;
  node.degree = tree.degree;
  if (tree.kind == Node::Kind::kNeg) {
    return is_constant(left) ? intern_constant(-nodes_[left].constant()) : intern(node);
  }
  const bool constants = is_constant(left) && is_constant(right);
  const Fp a = constants ? nodes_[left].constant() : Fp::zero();
  const Fp b = constants ? nodes_[right].constant() : Fp::zero();
  if (tree.kind == Node::Kind::kMul) {
    if (constants) return intern_constant(a * b);
    if (is_constant(left, Fp::zero()) || is_constant(right, Fp::one())) return left;
    if (is_constant(right, Fp::zero()) || is_constant(left, Fp::one())) return right;
    return intern(node);
  }
  const bool is_add = tree.kind == Node::Kind::kAdd;
  if (constants) return intern_constant(is_add ? a + b : a - b);
  if (is_add && is_constant(left, Fp::zero())) return right;
  if (is_constant(right, Fp::zero())) return left;
  if (nodes_[right].kind == Node::Kind::kNeg) {
    node.kind = is_add ? Node::Kind::kSub : Node::Kind::kAdd;
    node.right = nodes_[right].left;
  }
  return intern(node);
}

uint32_t DagBuilder::insert(Tree root) {
  const std::span<const Node> trees = trees_.nodes();
  node_of_tree_.resize(trees.size(), kUnset);
  std::vector<Tree> pending{root};
  while (!pending.empty()) {
    const Tree tree = pending.back();
    if (node_of_tree_[tree] != kUnset) {
      pending.pop_back();
      continue;
    }
    const Node& node = trees[tree];
    const bool has_operands = node.is_binary() || node.kind == Node::Kind::kNeg;
    if (has_operands && node_of_tree_[node.left] == kUnset) {
      pending.push_back(node.left);
    } else if (node.is_binary() && node_of_tree_[node.right] == kUnset) {
      pending.push_back(node.right);
    } else {
      node_of_tree_[tree] = has_operands ? simplify(node, node_of_tree_[node.left],
                                                    node.is_binary() ? node_of_tree_[node.right] : 0)
                                         : intern(node);
      pending.pop_back();
    }
  }
  return node_of_tree_[root];
}

BuiltDag build_dag(const Recording& recording) {
  BuiltDag built;
  DagBuilder builder(recording.trees);
  const auto insert = [&](Tree tree) {
    built.degree = std::max(built.degree, recording.trees.degree(tree));
    return builder.insert(tree);
  };

  std::vector<std::pair<uint32_t, uint32_t>> constraints;  // node, recorded constraint
  for (const RecordedConstraint& constraint : recording.constraints) {
    constraints.emplace_back(insert(constraint.tree), static_cast<uint32_t>(constraints.size()));
  }
  std::sort(constraints.begin(), constraints.end());
  for (const auto& [node, recorded] : constraints) {
    if (!built.dag.constraint_idx.empty() && built.dag.constraint_idx.back() == node) continue;
    built.dag.constraint_idx.push_back(node);
    built.recorded_constraint.push_back(recorded);
  }

  for (const RecordedInteraction& recorded : recording.interactions) {
    for (const Tree field : recorded.message) built.dag.interactions.append_field(insert(field));
    built.dag.interactions.close(insert(recorded.count), recorded.bus_index, recorded.count_weight);
  }
  built.dag.nodes = builder.take_nodes();
  return built;
}

}  // namespace openswirl
