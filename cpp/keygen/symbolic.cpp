// The arena of expression trees: one node per operator call, degrees computed on the tree as written.
#include "keygen/symbolic.h"

#include <algorithm>
#include <limits>

#include "openswirl/failure.h"

namespace openswirl {
namespace {

// A degree that no key can have stays above what one can.
uint16_t node_degree(uint32_t degree) {
  return static_cast<uint16_t>(std::min<uint32_t>(degree, std::numeric_limits<uint16_t>::max()));
}

}  // namespace

uint32_t degree_multiple(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kVariable:
      return node.variable().entry == Variable::Entry::kPublic ? 0 : 1;
    case Node::Kind::kIsFirstRow:
    case Node::Kind::kIsLastRow:
    case Node::Kind::kIsTransition:
      return 1;
    case Node::Kind::kConstant:
      return 0;
    default:
      return node.degree;
  }
}

Tree SymbolicTrees::append(const Node& node, uint32_t degree) {
  if (nodes_.size() >= std::numeric_limits<uint32_t>::max()) {
    throw Error(FailureKind::kKeygen, "[keygen] an AIR has more than 2^32 - 1 expression nodes");
  }
  nodes_.push_back(node);
  degrees_.push_back(degree);
  return static_cast<Tree>(nodes_.size() - 1);
}

Tree SymbolicTrees::binary(Node::Kind kind, Tree left, Tree right, uint32_t degree) {
  Node node;
  node.kind = kind;
  node.left = left;
  node.right = right;
  node.degree = node_degree(degree);
  return append(node, degree);
}

Tree SymbolicTrees::variable(const Variable& variable) { return leaf(Node::of(variable)); }

Tree SymbolicTrees::selector(Node::Kind kind) {
  Node node;
  node.kind = kind;
  return leaf(node);
}

Tree SymbolicTrees::constant(Fp value) { return leaf(Node::of(value)); }

Tree SymbolicTrees::add(Tree left, Tree right) {
  return binary(Node::Kind::kAdd, left, right, std::max(degree(left), degree(right)));
}

Tree SymbolicTrees::sub(Tree left, Tree right) {
  return binary(Node::Kind::kSub, left, right, std::max(degree(left), degree(right)));
}

Tree SymbolicTrees::mul(Tree left, Tree right) {
  const uint64_t sum = uint64_t{degree(left)} + degree(right);
  const uint64_t largest = std::numeric_limits<uint32_t>::max();
  return binary(Node::Kind::kMul, left, right, static_cast<uint32_t>(std::min(sum, largest)));
}

Tree SymbolicTrees::neg(Tree operand) {
  Node node;
  node.kind = Node::Kind::kNeg;
  node.left = operand;
  node.degree = node_degree(degree(operand));
  return append(node, degree(operand));
}

}  // namespace openswirl
