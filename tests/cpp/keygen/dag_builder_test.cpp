// The simplification and numbering rules against the worked examples of protocol part 02, 3.3 and 3.5.
#include "keygen/dag_builder.h"

#include <algorithm>

#include "googletest.h"
#include "keygen/derived_ops.h"

using namespace openswirl;

namespace {

Tree column(SymbolicTrees& trees, uint32_t index, uint32_t offset = 0, uint32_t part = 0) {
  return trees.variable({Variable::Entry::kMain, part, offset, index});
}

Node op(Node::Kind kind, uint32_t left, uint32_t right, uint32_t degree) {
  Node node;
  node.kind = kind;
  node.left = left;
  node.right = right;
  node.degree = degree;
  return node;
}

Node leaf(Node::Kind kind) { return op(kind, 0, 0, 0); }

Node constant(uint32_t value) { return Node::of(Fp::from_u32(value)); }

Node main_column(uint32_t index, uint32_t offset = 0, uint32_t part = 0) {
  return Node::of(Variable{Variable::Entry::kMain, part, offset, index});
}

using enum Node::Kind;

}  // namespace

// As part 02, 3.3 lists them.
TEST(DagBuilder, KeepsDeadFoldedAndNegatedNodes) {
  Recording r;
  SymbolicTrees& t = r.trees;
  const Tree x = column(t, 0), y = column(t, 1), z = column(t, 2);
  const auto zero = [&] { return t.constant(Fp::zero()); };
  const std::vector<Tree> constraints = {
      t.add(x, t.neg(y)),
      t.sub(zero(), x),
      t.sub(zero(), t.neg(x)),
      t.mul(x, zero()),
      t.mul(t.add(t.mul(t.mul(x, y), zero()), x), z),
      t.mul(x, z),
      t.neg(t.neg(x)),
      t.add(zero(), t.neg(y)),
      x,
  };
  for (const Tree tree : constraints) r.assert_zero({}, tree, "line " + std::to_string(r.constraints.size()));
  const BuiltDag built = build_dag(r);
  const std::vector<Node> expected = {
      main_column(0),    main_column(1),    op(kNeg, 1, 0, 1), op(kSub, 0, 1, 1), constant(0),
      op(kSub, 4, 0, 1), op(kNeg, 0, 0, 1), op(kAdd, 4, 0, 1), op(kMul, 0, 1, 2), main_column(2),
      op(kMul, 0, 9, 3), op(kMul, 0, 9, 2), op(kNeg, 6, 0, 1),
  };
  ASSERT_EQ(built.dag.nodes.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(built.dag.nodes[i], expected[i]);
  EXPECT_EQ(built.dag.constraint_idx, (std::vector<uint32_t>{0, 2, 3, 4, 5, 7, 10, 11, 12}));
  EXPECT_EQ(built.recorded_constraint, (std::vector<uint32_t>{8, 7, 0, 3, 1, 2, 4, 5, 6}));
  EXPECT_EQ(built.degree, 3u);

  DagBuilder builder(t);
  std::vector<uint32_t> returned;
  for (const Tree tree : constraints) returned.push_back(builder.insert(tree));
  EXPECT_EQ(returned, (std::vector<uint32_t>{3, 5, 7, 4, 10, 11, 12, 2, 0}));
}

// Part 02, 3.5.
TEST(DagBuilder, NumbersTheMixedExample) {
  Recording r;
  SymbolicTrees& t = r.trees;
  const Tree first = t.selector(kIsFirstRow), last = t.selector(kIsLastRow);
  const Tree e = t.mul(t.constant(Fp::one()), column(t, 3, 2, 1));
  const Tree product = t.mul(first, last);
  r.assert_zero({}, t.add(t.add(t.add(product, t.constant(Fp::one())), t.mul(first, last)), e), "");
  r.assert_zero({}, t.mul(e, e), "");
  r.interactions.push_back({{e, t.constant(Fp::two())}, t.constant(Fp::one()), 0, 0, ""});
  const ConstraintDag dag = build_dag(r).dag;
  const std::vector<Node> expected = {
      leaf(kIsFirstRow), leaf(kIsLastRow),     op(kMul, 0, 1, 2), constant(1),       op(kAdd, 2, 3, 2),
      op(kAdd, 4, 2, 2), main_column(3, 2, 1), op(kAdd, 5, 6, 2), op(kMul, 6, 6, 2), constant(2),
  };
  ASSERT_EQ(dag.nodes.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(dag.nodes[i], expected[i]);
  EXPECT_EQ(dag.constraint_idx, (std::vector<uint32_t>{7, 8}));
  ASSERT_EQ(dag.interactions.size(), 1u);
  EXPECT_TRUE(std::ranges::equal(dag.interactions[0].message, std::vector<uint32_t>{6, 9}));
  EXPECT_EQ(dag.interactions[0].count, 3u);
}

TEST(DagBuilder, PutsTheOutermostConditionLeftmost) {
  Recording r;
  SymbolicTrees& t = r.trees;
  const Tree a = column(t, 0), b = column(t, 1), x = column(t, 2);
  const std::vector<Tree> conditions = {a, b};
  r.assert_zero(conditions, x, "");
  const ConstraintDag dag = build_dag(r).dag;
  const std::vector<Node> expected = {main_column(0), main_column(1), main_column(2), op(kMul, 1, 2, 2),
                                      op(kMul, 0, 3, 3)};
  EXPECT_EQ(dag.nodes, expected);
}

// Part 02, 2.2.
TEST(DagBuilder, DerivedOperationsHaveTheirShapes) {
  const auto nodes_of = [](auto make) {
    SymbolicTrees t;
    const Tree x = column(t, 0), y = column(t, 1), z = column(t, 2);
    const Tree tree = make(t, x, y, z);
    DagBuilder builder(t);
    builder.insert(tree);
    return builder.take_nodes();
  };
  using Nodes = std::vector<Node>;
  EXPECT_EQ(nodes_of([](auto& t, Tree x, Tree y, Tree) { return xor_of(t, x, y); }),
            (Nodes{main_column(0), main_column(1), op(kAdd, 0, 1, 1), op(kAdd, 1, 1, 1), op(kMul, 0, 3, 2),
                   op(kSub, 2, 4, 2)}));
  EXPECT_EQ(nodes_of([](auto& t, Tree x, Tree y, Tree) { return andn(t, x, y); }),
            (Nodes{constant(1), main_column(0), op(kSub, 0, 1, 1), main_column(1), op(kMul, 2, 3, 2)}));
  EXPECT_EQ(nodes_of([](auto& t, Tree x, Tree, Tree) { return ternary_check(t, x); }),
            (Nodes{main_column(0), constant(1), op(kSub, 0, 1, 1), op(kMul, 0, 2, 2), constant(2),
                   op(kSub, 0, 4, 1), op(kMul, 3, 5, 3)}));
  EXPECT_EQ(
      nodes_of([](auto& t, Tree x, Tree, Tree) { return exp_const(t, x, 7); }),
      (Nodes{main_column(0), op(kMul, 0, 0, 2), op(kMul, 1, 0, 3), op(kMul, 1, 1, 4), op(kMul, 2, 3, 7)}));
  EXPECT_EQ(nodes_of([](auto& t, Tree x, Tree, Tree) { return exp_const(t, x, 6); }),
            (Nodes{main_column(0), op(kMul, 0, 0, 2), op(kMul, 1, 1, 4), op(kMul, 2, 1, 6)}));
  // 10 = 2 + 8: the product starts at ONE, which the DAG removes.
  EXPECT_EQ(nodes_of([](auto& t, Tree x, Tree, Tree) { return exp_const(t, x, 10); }),
            (Nodes{constant(1), main_column(0), op(kMul, 1, 1, 2), op(kMul, 2, 2, 4), op(kMul, 3, 3, 8),
                   op(kMul, 2, 4, 10)}));
  EXPECT_EQ(nodes_of([](auto& t, Tree x, Tree, Tree) { return halve(t, x); }),
            (Nodes{main_column(0), constant(1006632961), op(kMul, 0, 1, 1)}));
  EXPECT_EQ(nodes_of([](auto& t, Tree x, Tree, Tree) { return mul_2exp(t, x, 3); }),
            (Nodes{main_column(0), constant(1), constant(2), constant(4), constant(8), op(kMul, 0, 4, 1)}));
  EXPECT_EQ(
      nodes_of([](auto& t, Tree x, Tree y, Tree z) { return bits_to_number(t, std::vector<Tree>{x, y, z}); }),
      (Nodes{main_column(2), op(kAdd, 0, 0, 1), main_column(1), op(kAdd, 1, 2, 1), op(kAdd, 3, 3, 1),
             main_column(0), op(kAdd, 4, 5, 1)}));
  EXPECT_EQ(nodes_of([](auto& t, Tree x, Tree y, Tree z) {
              return dot_product(t, std::vector<Tree>{x, y}, std::vector<Tree>{z, z});
            }),
            (Nodes{main_column(0), main_column(2), op(kMul, 0, 1, 2), main_column(1), op(kMul, 3, 1, 2),
                   op(kAdd, 2, 4, 2)}));
  EXPECT_EQ(nodes_of([](auto& t, Tree x, Tree, Tree) { return powers(t, x, 3).back(); }),
            (Nodes{constant(1), main_column(0), op(kMul, 1, 1, 2)}));
}

// A million levels deep; 2^200 paths.
TEST(DagBuilder, InsertsDeepTreesAndManyPaths) {
  Recording r;
  Tree deep = column(r.trees, 0);
  for (int i = 0; i < 1'000'000; ++i) deep = r.trees.add(deep, column(r.trees, 1));
  r.assert_zero({}, deep, "");
  Tree wide = column(r.trees, 0);
  for (int i = 0; i < 200; ++i) wide = r.trees.add(wide, wide);
  r.assert_zero({}, wide, "");
  EXPECT_EQ(build_dag(r).dag.nodes.size(), size_t{2 + 1'000'000 + 200});
}

TEST(DagBuilder, DegreeBeyond32BitsStaysLarge) {
  SymbolicTrees t;
  Tree x = column(t, 0);
  for (int i = 0; i < 40; ++i) x = square(t, x);
  EXPECT_EQ(t.degree(x), 0xffffffffu);
}
