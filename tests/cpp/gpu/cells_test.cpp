// Plans of cells, evaluated on the host, against direct evaluation of the DAG.
#include "gpu/codegen/cells.h"

#include "constraints/evaluator.h"
#include "googletest.h"
#include "gpu/codegen/weights.h"

#include "random_air.h"

using namespace openswirl;
using namespace openswirl::gpu::codegen;

namespace {

// Values of the leaves of a DAG; V is Fp or Ext.
template <class V>
struct Leaves {
  const AirVk& air;
  std::vector<Fp> publics;

  static V value(uint64_t seed) {
    std::mt19937_64 random(seed);
    if constexpr (std::is_same_v<V, Fp>)
      return Fp::from_u64(random());
    else
      return V(Fp::from_u64(random()), Fp::from_u64(random()), Fp::from_u64(random()),
               Fp::from_u64(random()));
  }
  V leaf(const stages::LeafSource& source) const {
    return value(1000 * uint64_t{source.index} + 10 * source.part + static_cast<uint64_t>(source.kind));
  }
  V variable(const Variable& variable) const {
    if (variable.entry == Variable::Entry::kPublic) return V(publics[variable.index]);
    using Kind = stages::LeafSource::Kind;
    const size_t part =
        variable.entry == Variable::Entry::kPreprocessed ? 1 : air.opening_part_of_main(variable.part_index);
    return leaf({variable.offset == 0 ? Kind::kColumn : Kind::kRotatedColumn, static_cast<uint32_t>(part),
                 variable.index, Fp::zero()});
  }
  V is_first_row() const { return leaf({stages::LeafSource::Kind::kFirst, 0, 0, Fp::zero()}); }
  V is_last_row() const { return leaf({stages::LeafSource::Kind::kLast, 0, 0, Fp::zero()}); }
  V is_transition() const { return leaf({stages::LeafSource::Kind::kTransition, 0, 0, Fp::zero()}); }
  V constant(Fp constant) const { return V(constant); }
};

template <class V>
struct PlanValues {
  const CellPlan& plan;
  const Leaves<V>& leaves;
  std::vector<Fp> uniforms;
  std::vector<V> stored;

  PlanValues(const CellPlan& plan, const Leaves<V>& leaves)
      : plan(plan), leaves(leaves), uniforms(plan.expressions().uniform_values(leaves.publics)) {
    for (const auto& level : plan.stored_levels()) {
      std::vector<V> of_level;
      for (const CellGroup& group : level) {
        for (const Cell& cell : group.cells) of_level.push_back(value(group, cell));
      }
      stored.insert(stored.end(), of_level.begin(), of_level.end());
    }
    EXPECT_EQ(stored.size(), plan.num_stored());
  }

  V value(const CellGroup& group, const Cell& cell) const {
    std::vector<V> values;
    for (const CellOp& op : group.shape) {
      switch (op.kind) {
        case CellOp::Kind::kLeaf:
          values.push_back(leaves.leaf(plan.expressions().leaves[cell.parameters.at(op.a)]));
          break;
        case CellOp::Kind::kStored:
          values.push_back(stored.at(cell.parameters.at(op.a)));
          break;
        case CellOp::Kind::kUniform:
          values.push_back(V(uniforms.at(cell.parameters.at(op.a))));
          break;
        case CellOp::Kind::kConstant:
          values.push_back(V(Fp::from_word(op.a)));
          break;
        case CellOp::Kind::kAdd:
          values.push_back(values.at(op.a) + values.at(op.b));
          break;
        case CellOp::Kind::kSub:
          values.push_back(values.at(op.a) - values.at(op.b));
          break;
        case CellOp::Kind::kNeg:
          values.push_back(-values.at(op.a));
          break;
        case CellOp::Kind::kDouble:
          values.push_back(values.at(op.a) + values.at(op.a));
          break;
        case CellOp::Kind::kMul:
          values.push_back(values.at(op.a) * values.at(op.b));
          break;
      }
    }
    return values.back();
  }

  Ext sum(std::span<const uint32_t> nodes, std::span<const Ext> of_nodes) const {
    const CellWeighing weighing(plan, nodes, uniforms);
    const CellWeighing::NodeWeights all{0, of_nodes};
    std::vector<Ext> at(weighing.num_places());
    Ext total = weighing.weigh({&all, 1}, at);
    for (const CellGroup& group : plan.groups()) {
      for (const Cell& cell : group.cells) {
        const uint32_t place = weighing.place(cell.root);
        if (place != CellWeighing::kAbsent) total += at.at(place) * value(group, cell);
      }
    }
    return total;
  }
};

std::vector<uint32_t> all_nodes(const ConstraintDag& dag) {
  std::vector<uint32_t> nodes(dag.constraint_idx);
  for (const Interaction& interaction : dag.interactions) {
    nodes.insert(nodes.end(), interaction.message.begin(), interaction.message.end());
    nodes.push_back(interaction.count);
  }
  return nodes;
}

// Sums of all outputs and of every third.
template <class V>
void expect_equal(const AirVk& air, const CellPlan& plan) {
  std::vector<Fp> publics;
  for (uint32_t i = 0; i < air.num_public_values; ++i) publics.push_back(Leaves<Fp>::value(77 + i));
  const Leaves<V> leaves{air, publics};
  std::vector<V> nodes(air.constraints.nodes.size(), V::zero());
  evaluate_dag<V>(air.constraints, leaves, std::span(nodes));
  const PlanValues<V> values(plan, leaves);
  const std::vector<uint32_t> outputs = all_nodes(air.constraints);
  for (const size_t step : {1, 3}) {
    std::vector<uint32_t> weighed;
    std::vector<Ext> weights;
    Ext expected = Ext::zero();
    for (size_t i = 0; i < outputs.size(); i += step) {
      weighed.push_back(outputs[i]);
      weights.push_back(Leaves<Ext>::value(i + 5));
      expected += weights.back() * nodes[outputs[i]];
    }
    ASSERT_EQ(values.sum(weighed, weights), expected);
  }
}

void expect_bounded(const CellPlan& plan) {
  const auto check = [](const CellGroup& group) {
    EXPECT_LE(group.instructions(), Sizes::kMaxCell);
    for (const Cell& cell : group.cells) EXPECT_EQ(cell.parameters.size(), group.parameters);
  };
  for (const CellGroup& group : plan.groups()) check(group);
  for (const auto& level : plan.stored_levels()) {
    for (const CellGroup& group : level) check(group);
  }
}

}  // namespace

TEST(Cells, EqualTheDagOfEveryKey) {
  size_t airs = 0;
  for (const std::string& name : vectors::cases()) {
    SCOPED_TRACE(name);
    const VerifyingKey vk =
        decode_verifying_key(vectors::read_bytes(vectors::folder() / name / "vk.postcard"));
    for (const AirVk& air : vk.airs) {
      const CellPlan plan(air, all_nodes(air.constraints));
      expect_bounded(plan);
      expect_equal<Fp>(air, plan);
      expect_equal<Ext>(air, plan);
      ++airs;
    }
  }
  EXPECT_GT(airs, 50u);
}

TEST(Cells, EqualRandomDags) {
  size_t stored = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    gpu_test::RandomAir random;
    if (seed % 4 == 3) random.operations = 600, random.outputs = 60, random.max_degree = 8;
    const AirVk air = random.make(seed, seed % 2 == 1);
    const CellPlan plan(air, all_nodes(air.constraints));
    stored += plan.num_stored();
    expect_bounded(plan);
    expect_equal<Fp>(air, plan);
    expect_equal<Ext>(air, plan);
  }
  EXPECT_GT(stored, 100u);
}

// A long sum as a factor does not fit a cell: parts of it are stored.
TEST(Cells, CutsWhatIsTooLarge) {
  AirVk air;
  air.width.common_main = 300;
  stages_test::Dag dag{air};
  uint32_t sum = dag.column(0, 0);
  for (uint32_t c = 1; c < 300; ++c) sum = dag.op(Node::Kind::kAdd, sum, dag.column(0, c));
  air.constraints.constraint_idx = {dag.op(Node::Kind::kMul, sum, dag.column(0, 7))};
  const CellPlan plan(air, all_nodes(air.constraints));
  EXPECT_GE(plan.num_stored(), 5u);
  EXPECT_LE(plan.num_stored(), 20u);
  expect_bounded(plan);
  expect_equal<Ext>(air, plan);
}

// One expensive value in many cells is stored once; a cheap one is evaluated in each.
TEST(Cells, StoresWhatIsSharedAndExpensive) {
  for (const bool expensive : {false, true}) {
    AirVk air;
    air.width.common_main = 20;
    stages_test::Dag dag{air};
    const uint32_t x = dag.column(0, 0), y = dag.column(0, 1);
    uint32_t shared = dag.op(Node::Kind::kMul, x, y);
    for (uint32_t i = 0; expensive && i < 5; ++i) {
      shared = dag.op(Node::Kind::kMul, shared, dag.op(Node::Kind::kAdd, shared, dag.column(0, 2 + i)));
    }
    for (uint32_t i = 17; i < 20; ++i) {
      air.constraints.constraint_idx.push_back(dag.op(Node::Kind::kMul, shared, dag.column(0, i)));
    }
    const CellPlan plan(air, all_nodes(air.constraints));
    EXPECT_EQ(plan.num_stored(), expensive ? 1u : 0u);
    expect_equal<Fp>(air, plan);
  }
}

// The limbs of Keccak-f fall apart into equal cells: few loops, no stored values.
TEST(Cells, KeccakHasFewShapes) {
  const VerifyingKey vk =
      decode_verifying_key(vectors::read_bytes(vectors::folder() / "keccakf_2" / "vk.postcard"));
  const CellPlan plan(vk.airs[0], all_nodes(vk.airs[0].constraints));
  size_t cells = 0;
  for (const CellGroup& group : plan.groups()) cells += group.cells.size();
  EXPECT_GT(cells, 6000u);
  EXPECT_EQ(plan.num_stored(), 0u);
  EXPECT_LT(plan.groups().size(), 20u);
}
