// Symbolic expression trees exactly as an AIR's code wrote them, before any simplification (protocol part 02,
// 2). One arena holds all trees of one AIR; a tree is the index of its root.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "protocol/dag.h"

namespace openswirl {

using Tree = uint32_t;

// Degree multiple of a node (part 02, 1.7): leaves by their kind, operators as stored in the node.
uint32_t degree_multiple(const Node& node);

class SymbolicTrees {
 public:
  // Each call makes exactly one node over its operands. Nodes have the form of DAG nodes, but are not shared.
  Tree variable(const Variable& variable);
  Tree selector(Node::Kind kind);  // kIsFirstRow, kIsLastRow or kIsTransition
  Tree constant(Fp value);
  Tree add(Tree left, Tree right);
  Tree sub(Tree left, Tree right);
  Tree mul(Tree left, Tree right);  // a degree beyond 32 bits stays at the largest 32-bit value
  Tree neg(Tree operand);

  std::span<const Node> nodes() const { return nodes_; }
  // Of the tree as written; exact beyond the bits of a node.
  uint32_t degree(Tree tree) const { return degrees_[tree]; }

 private:
  Tree append(const Node& node, uint32_t degree);
  Tree leaf(const Node& node) { return append(node, degree_multiple(node)); }
  Tree binary(Node::Kind kind, Tree left, Tree right, uint32_t degree);

  std::vector<Node> nodes_;
  std::vector<uint32_t> degrees_;
};

}  // namespace openswirl
