// Prints a node list as infix text with as few parentheses as possible, within a budget of nodes.
#include "check/expression_text.h"

namespace openswirl {
namespace {

// How tightly an expression binds; an operand that binds less than its place needs gets parentheses.
enum Binding { kSum = 1, kProduct = 2, kUnary = 3, kAtom = 4 };

class Printer {
 public:
  Printer(std::span<const Node> nodes, size_t num_cached, size_t budget)
      : nodes_(nodes), num_cached_(num_cached), budget_(budget) {}

  void print(uint32_t index, Binding needed) {
    if (budget_ == 0) {
      text_ += "...";
      return;
    }
    --budget_;
    const Node& node = nodes_[index];
    const bool parenthesise = binding(node) < needed;
    if (parenthesise) text_ += '(';
    switch (node.kind) {
      case Node::Kind::kVariable:
        text_ += variable_text(node.variable(), num_cached_);
        break;
      case Node::Kind::kIsFirstRow:
        text_ += "is_first_row";
        break;
      case Node::Kind::kIsLastRow:
        text_ += "is_last_row";
        break;
      case Node::Kind::kIsTransition:
        text_ += "is_transition";
        break;
      case Node::Kind::kConstant:
        text_ += signed_text(node.constant());
        break;
      case Node::Kind::kAdd:
        binary(node, " + ", kSum, kSum);
        break;
      case Node::Kind::kSub:
        binary(node, " - ", kSum, kProduct);
        break;
      case Node::Kind::kMul:
        binary(node, " * ", kProduct, kUnary);
        break;
      case Node::Kind::kNeg:
        text_ += '-';
        print(node.left, kAtom);
        break;
    }
    if (parenthesise) text_ += ')';
  }

  std::string take() { return std::move(text_); }

 private:
  static Binding binding(const Node& node) {
    switch (node.kind) {
      case Node::Kind::kAdd:
      case Node::Kind::kSub:
        return kSum;
      case Node::Kind::kMul:
        return kProduct;
      case Node::Kind::kNeg:
        return kUnary;
      case Node::Kind::kConstant:
        return node.constant().canonical() > Fp::kModulus / 2 ? kUnary : kAtom;
      default:
        return kAtom;
    }
  }

  void binary(const Node& node, const char* sign, Binding left, Binding right) {
    print(node.left, left);
    text_ += sign;
    print(node.right, right);
  }

  std::span<const Node> nodes_;
  size_t num_cached_;
  size_t budget_;  // bounds the recursion as well
  std::string text_;
};

}  // namespace

std::string variable_text(const Variable& variable, size_t num_cached) {
  std::string name;
  switch (variable.entry) {
    case Variable::Entry::kPreprocessed:
      name = "preprocessed";
      break;
    case Variable::Entry::kMain:
      name = variable.part_index < num_cached ? "cached" + std::to_string(variable.part_index) : "main";
      break;
    case Variable::Entry::kPublic:
      name = "public";
      break;
    case Variable::Entry::kChallenge:
      name = "challenge";
      break;
  }
  if (variable.offset == 1) name += ".next";
  return name + '[' + std::to_string(variable.index) + ']';
}

std::string signed_text(Fp value) {
  const uint32_t canonical = value.canonical();
  return canonical > Fp::kModulus / 2 ? '-' + std::to_string(Fp::kModulus - canonical)
                                      : std::to_string(canonical);
}

std::string expression_text(std::span<const Node> nodes, uint32_t node, size_t num_cached, size_t max_nodes) {
  Printer printer(nodes, num_cached, max_nodes);
  printer.print(node, kSum);
  return printer.take();
}

}  // namespace openswirl
