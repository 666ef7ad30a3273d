// From expression trees to the deduplicated constraint DAG that keys store and hash (protocol part 02, 3).
#pragma once

#include <unordered_map>
#include <vector>

#include "keygen/recording.h"

namespace openswirl {

struct NodeHash {
  size_t operator()(const Node& node) const;
};

// Inserts trees into a node list by the rules of part 02, 3.2: bottom up, left before right, equal nodes
// shared.
class DagBuilder {
 public:
  explicit DagBuilder(const SymbolicTrees& trees) : trees_(trees) {}

  // The index of the node that stands for the tree. Works without recursion, so depth is no limit.
  uint32_t insert(Tree tree);
  std::vector<Node> take_nodes() { return std::move(nodes_); }

 private:
  uint32_t intern(const Node& node);
  uint32_t intern_constant(Fp value);
  uint32_t simplify(const Node& tree, uint32_t left, uint32_t right);
  bool is_constant(uint32_t node) const { return nodes_[node].kind == Node::Kind::kConstant; }
  bool is_constant(uint32_t node, Fp value) const {
    return is_constant(node) && nodes_[node].constant() == value;
  }

  const SymbolicTrees& trees_;
  std::vector<Node> nodes_;
  std::unordered_map<Node, uint32_t, NodeHash> index_;
  std::vector<uint32_t> node_of_tree_;  // kUnset for trees not inserted yet
};

struct BuiltDag {
  ConstraintDag dag;
  // For each entry of constraint_idx the first recorded constraint that became it.
  std::vector<uint32_t> recorded_constraint;
  // The degree of the AIR: the largest of all recorded trees, before simplification (part 02, 1.7).
  uint32_t degree = 0;
};

// The whole AIR (part 02, 3.4).
BuiltDag build_dag(const Recording& recording);

}  // namespace openswirl
