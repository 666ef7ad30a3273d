// The DAG evaluator on real traces, and the combinations of protocol part 04, 3 and 5.1.
#include "codec/verifying_key.h"
#include "constraints/batching.h"
#include "constraints/evaluator.h"
#include "googletest.h"
#include "poly/eq.h"
#include "vectors.h"

using namespace openswirl;

namespace {

// One row of an AIR with a common main only, and its cyclic successor.
struct RowLeaves {
  const std::vector<uint32_t>& trace;
  size_t width, row, height;
  std::vector<Fp> public_values;

  Fp variable(const Variable& v) const {
    if (v.entry == Variable::Entry::kPublic) return public_values[v.index];
    return Fp::from_u32(trace[(row + v.offset) % height * width + v.index]);
  }
  Fp is_first_row() const { return row == 0 ? Fp::one() : Fp::zero(); }
  Fp is_last_row() const { return row + 1 == height ? Fp::one() : Fp::zero(); }
  Fp is_transition() const { return row + 1 == height ? Fp::zero() : Fp::one(); }
  Fp constant(Fp value) const { return value; }
};

// Rows of the Fibonacci trace on which some constraint does not vanish.
size_t violated_rows(const ConstraintDag& dag, const vectors::Array& trace,
                     const std::vector<Fp>& public_values) {
  size_t violated = 0;
  std::vector<Fp> nodes(dag.nodes.size());
  for (size_t row = 0; row < trace.shape[0]; ++row) {
    evaluate_dag<Fp>(dag, RowLeaves{trace.values, trace.shape[1], row, trace.shape[0], public_values}, nodes);
    bool zero = true;
    for (const uint32_t index : dag.constraint_idx) zero = zero && nodes[index].is_zero();
    violated += zero ? 0 : 1;
  }
  return violated;
}

Ext e(uint32_t value) { return Ext(Fp::from_u32(value)); }

}  // namespace

TEST(Constraints, VanishOnTheFibonacciTraceUntilItChanges) {
  const auto folder = vectors::folder() / "fib_h3";
  const ConstraintDag dag =
      decode_verifying_key(vectors::read_bytes(folder / "vk.postcard")).airs[0].constraints;
  vectors::Array trace = vectors::read_npy(folder / "air0_common.npy");
  ASSERT_EQ(trace.shape, std::vector<uint64_t>({8, 2}));
  const std::vector<Fp> public_values = {Fp::zero(), Fp::one(), Fp::from_u32(trace.values.back())};
  EXPECT_EQ(violated_rows(dag, trace, public_values), 0u);
  EXPECT_EQ(violated_rows(dag, trace, {Fp::one(), Fp::one(), public_values[2]}), 1u);
  trace.values[3 * 2] += 1;  // row 3 follows wrongly from row 2, and row 4 from it
  EXPECT_EQ(violated_rows(dag, trace, public_values), 2u);
}

// By position, by powers of beta, and the bus after the message.
TEST(Constraints, WeightsOfConstraintsMessagesAndBus) {
  ConstraintDag dag;
  dag.nodes.resize(5);
  dag.constraint_idx = {1, 3};
  dag.interactions = {{{0, 2}, 4, 6, 1}, {{3}, 1, 0, 1}};
  const std::vector<Fp> nodes = {Fp::from_u32(10), Fp::from_u32(20), Fp::from_u32(30), Fp::from_u32(40),
                                 Fp::from_u32(50)};
  const std::span<const Fp> values = nodes;
  const std::vector<Ext> lambda = powers(e(3), 2), beta = powers(e(2), max_message_length(dag) + 1);
  EXPECT_EQ(beta.size(), 3u);
  EXPECT_EQ(combine_constraints<Ext>(dag, values, std::span<const Ext>(lambda)), e(20 + 3 * 40));
  EXPECT_EQ(interaction_denominator<Ext>(dag.interactions[0], values, std::span<const Ext>(beta)),
            e(10 + 2 * 30 + 4 * 7));
  const std::vector<Ext> weights = {e(5), e(11)};
  const auto sums =
      combine_interactions<Ext>(dag, values, std::span<const Ext>(beta), std::span<const Ext>(weights));
  EXPECT_EQ(sums.numerator, e(5 * 50 + 11 * 20));
  EXPECT_EQ(sums.denominator, e(5 * (10 + 60 + 28) + 11 * (40 + 2)));
}

// Part 04, 10.3.
TEST(Constraints, InteractionWeightsOfTheWorkedLayout) {
  VerifyingKey vk;
  vk.params = SystemParams::test_small(2, 8, 3);
  const size_t interactions[] = {2, 1, 1, 0, 2, 0};
  const std::optional<uint32_t> heights[] = {4, 1, 3, 0, 1, std::nullopt};
  for (const size_t count : interactions) {
    vk.airs.emplace_back().width.common_main = 1;
    vk.airs.back().constraints.interactions.resize(count);
  }
  const ProofShape shape = make_proof_shape(vk, heights);
  EXPECT_EQ(shape.total_interactions, 52u);
  EXPECT_EQ(shape.n_logup, 4u);
  std::vector<Ext> xi;
  for (uint32_t i = 0; i < 6; ++i)
    xi.push_back({Fp::from_u32(i + 2), Fp::from_u32(i * i), Fp::one(), Fp::zero()});
  const auto weights = interaction_weights(vk, shape, xi);
  ASSERT_EQ(weights.size(), 5u);
  const Ext one = Ext::one();
  EXPECT_EQ(weights[0][0], (one - xi[4]) * (one - xi[5]));
  EXPECT_EQ(weights[0][1], xi[4] * (one - xi[5]));
  EXPECT_EQ(weights[1][0], (one - xi[3]) * (one - xi[4]) * xi[5]);
  EXPECT_EQ(weights[3][1], (one - xi[2]) * (one - xi[3]) * xi[4] * xi[5]);
  EXPECT_TRUE(weights[4].empty());
}

// Blocks follow one another, those of one height by the hundreds; each is of the height of its trace.
TEST(Constraints, InteractionWeightsOfManyBlocks) {
  VerifyingKey vk;
  vk.params = SystemParams::test_small(2, 8, 3);
  const size_t interactions[] = {5, 200, 100, 0, 3};
  const std::optional<uint32_t> heights[] = {6, 4, 4, 3, 0};
  for (const size_t count : interactions) {
    vk.airs.emplace_back().width.common_main = 1;
    vk.airs.back().constraints.interactions.resize(count);
  }
  const ProofShape shape = make_proof_shape(vk, heights);
  std::vector<Ext> xi;
  for (uint32_t i = 0; i < 2 + shape.n_logup; ++i)
    xi.push_back({Fp::from_u32(i + 2), Fp::from_u32(i * i), Fp::one(), Fp::from_u32(7 * i)});
  const auto weights = interaction_weights(vk, shape, xi);
  ASSERT_EQ(weights.size(), 5u);
  uint64_t start = 0;
  for (size_t t = 0; t < 5; ++t) {
    ASSERT_EQ(weights[t].size(), interactions[t]);
    const uint64_t log_height = 2 + shape.traces[t].lifted_n;
    const auto high = std::span<const Ext>(xi).subspan(log_height, shape.n_logup - shape.traces[t].lifted_n);
    for (size_t s = 0; s < interactions[t]; ++s, start += uint64_t{1} << log_height) {
      EXPECT_EQ(weights[t][s], eq_at_index(high, start >> log_height)) << "trace " << t << ", block " << s;
    }
  }
}
