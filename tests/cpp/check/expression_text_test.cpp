// Parentheses, signs, names and the node budget of expression texts.
#include "check/expression_text.h"

#include <vector>

#include "googletest.h"

using namespace openswirl;

namespace {

class List {
 public:
  uint32_t variable(Variable::Entry entry, uint32_t part, uint32_t offset, uint32_t index) {
    Node node = Node::of(Variable{entry, part, offset, index});
    return append(node);
  }
  uint32_t constant(int64_t value) {
    Node node = Node::of(Fp::from_i64(value));
    return append(node);
  }
  uint32_t op(Node::Kind kind, uint32_t left, uint32_t right = 0) {
    Node node;
    node.kind = kind;
    node.left = left;
    node.right = right;
    return append(node);
  }
  std::string text(uint32_t node, size_t max_nodes = 64) {
    return expression_text(nodes_, node, 1, max_nodes);
  }

 private:
  uint32_t append(const Node& node) {
    nodes_.push_back(node);
    return static_cast<uint32_t>(nodes_.size() - 1);
  }
  std::vector<Node> nodes_;
};

using enum Node::Kind;

}  // namespace

TEST(ExpressionText, ReadsAsWritten) {
  List list;
  const uint32_t x = list.variable(Variable::Entry::kMain, 1, 0, 3);
  const uint32_t y = list.variable(Variable::Entry::kMain, 0, 1, 2);
  const uint32_t p = list.variable(Variable::Entry::kPreprocessed, 0, 0, 0);
  const uint32_t v = list.variable(Variable::Entry::kPublic, 0, 0, 7);
  const uint32_t sum = list.op(kAdd, x, y), difference = list.op(kSub, p, v);
  EXPECT_EQ(list.text(sum), "main[3] + cached0.next[2]");
  EXPECT_EQ(list.text(difference), "preprocessed[0] - public[7]");
  EXPECT_EQ(list.text(list.op(kSub, x, sum)), "main[3] - (main[3] + cached0.next[2])");
  EXPECT_EQ(list.text(list.op(kAdd, difference, sum)),
            "preprocessed[0] - public[7] + main[3] + cached0.next[2]");
  const uint32_t product = list.op(kMul, list.op(kIsTransition, 0), difference);
  EXPECT_EQ(list.text(product), "is_transition * (preprocessed[0] - public[7])");
  EXPECT_EQ(list.text(list.op(kMul, x, product)),
            "main[3] * (is_transition * (preprocessed[0] - public[7]))");
  EXPECT_EQ(list.text(list.op(kNeg, sum)), "-(main[3] + cached0.next[2])");
  EXPECT_EQ(list.text(list.op(kMul, list.constant(-1), x)), "-1 * main[3]");
  EXPECT_EQ(list.text(list.op(kSub, x, list.constant(5))), "main[3] - 5");
}

TEST(ExpressionText, BudgetBoundsTextAndDepth) {
  List list;
  uint32_t node = list.variable(Variable::Entry::kMain, 1, 0, 0);
  const uint32_t one = list.constant(1);
  for (int i = 0; i < 1'000'000; ++i) node = list.op(kAdd, one, node);
  EXPECT_EQ(list.text(node, 5), "1 + 1 + ... + ...");
  EXPECT_LT(list.text(node).size(), 400u);
}
