// LogUp leaves and the whole of LogUp-GKR on the device, from stacked traces: the messages of the vectors,
// and a program of more slots than shared memory holds.
#include "gpu/logup_input.h"

#include "airs.h"
#include "googletest.h"

#include "on_device.h"

using namespace openswirl;
using gpu_test::OnDevice;
using stages_test::Dag, stages_test::VectorCase;

namespace {

gpu::FractionTreeStage make_tree(gpu::Work& work, const stages_test::Instance& instance, const Ext& alpha,
                                 const Ext& beta, uint64_t host_nodes) {
  const OnDevice device(work, instance);
  gpu::LogupLeaves leaves = gpu::evaluate_leaves(work, instance.inputs, device.traces, alpha, beta);
  return gpu::FractionTreeStage(work, leaves.nodes, std::move(leaves.memory), host_nodes);
}

void expect_messages(gpu::Work& work, const VectorCase& test, uint64_t host_nodes) {
  const stages_test::Challenges& given = *test.challenges;
  gpu::FractionTreeStage tree = make_tree(work, test, given.alpha, given.beta, host_nodes);
  EXPECT_TRUE(tree.root().p.is_zero());
  EXPECT_EQ(tree.root().q, test.proof.gkr.q0_claim);
  EXPECT_EQ(tree.first_layer(), test.proof.gkr.claims_per_layer[0]);
  for (size_t i = 0; i < given.layers.size(); ++i) {
    const auto& layer = given.layers[i];
    tree.enter(layer.lambda, layer.mu);
    for (size_t k = 0; k < layer.rho.size(); ++k) {
      ASSERT_EQ(tree.next(k == 0 ? nullptr : &layer.rho[k - 1]), test.proof.gkr.sumcheck_polys[i][k]);
    }
    ASSERT_EQ(tree.leave(layer.rho.back()), test.proof.gkr.claims_per_layer[i + 1]);
  }
}

// Interactions over x + 1, x + 2, ..: all sums are alive at once, because later ones use earlier ones again.
struct ManySlots : stages_test::Instance {
  ManySlots() {
    vk = stages_test::make_key(2, 5, 3);
    vk.airs.resize(2);
    {
      AirVk& air = vk.airs[0];
      air.width.common_main = 1;
      air.num_public_values = 1;
      air.max_constraint_degree = 2;
      Dag dag{air};
      std::vector<uint32_t> sums = {dag.column(0, 0)};
      const uint32_t next = dag.column(0, 0, 1), value = dag.public_value(0);
      for (int i = 0; i < 50; ++i)
        sums.push_back(dag.op(Node::Kind::kAdd, sums.back(), i % 2 ? next : value));
      uint32_t last = sums.back();
      for (const uint32_t sum : sums)
        last = dag.op(Node::Kind::kMul, dag.op(Node::Kind::kSub, last, sum), next);
      const uint32_t transition = dag.leaf(Node::Kind::kIsTransition), end = dag.leaf(Node::Kind::kIsLastRow);
      dag.interaction({last, end, sums[1]}, dag.op(Node::Kind::kNeg, transition), 7);
      dag.interaction({sums[3]}, dag.leaf(Node::Kind::kIsFirstRow), 65535);
    }
    {
      AirVk& air = vk.airs[1];
      air.width.common_main = 1;
      Dag dag{air};
      dag.interaction({dag.constant(3)}, dag.constant(-4), 0);
    }
    const std::vector<std::optional<uint32_t>> heights = {6, 1};
    inputs.shape = make_proof_shape(vk, heights);
    stages_test::Matrix tall{64, 1, {}};
    for (uint32_t i = 0; i < 64; ++i) tall.values.push_back(Fp::from_u32(i * i + 5));
    stack({{tall}, {stages_test::matrix(2, {8, 6})}});
    inputs.traces[0].public_values = {Fp::from_u32(11)};
  }
};

}  // namespace

TEST(GpuLogup, MessagesOfTheVectors) {
  size_t cases = 0;
  const gpu_test::Device device(gpu_test::schedules()[0]);
  gpu::Work work = device.work();
  for (const std::string& name : vectors::cases()) {
    SCOPED_TRACE(name);
    const VectorCase test(name);
    const uint64_t total = test.inputs.shape.total_interactions;
    if (total == 0 || total > 4096) continue;
    expect_messages(work, test, total > 300 ? 64 : 0);
    ++cases;
  }
  EXPECT_GT(cases, 20u);
}

TEST(GpuLogup, ShortTracesOnEveryDevice) {
  const stages_test::MiniProof test;
  stages::FractionTreeStage expected(test.inputs, stages_test::base(101), stages_test::base(102));
  gpu_test::on_every_device([&](gpu::Work& work) {
    auto tree = make_tree(work, test, stages_test::base(101), stages_test::base(102), 0);
    EXPECT_EQ(tree.root().q, expected.root().q);
    EXPECT_EQ(tree.first_layer(), expected.first_layer());
  });
}

TEST(GpuLogup, MoreSlotsThanSharedMemory) {
  const ManySlots test;
  const Ext alpha(Fp::from_u32(101)), beta(Fp::from_u32(7));
  stages::FractionTreeStage expected(test.inputs, alpha, beta);
  gpu_test::on_every_device([&](gpu::Work& work) {
    auto tree = make_tree(work, test, alpha, beta, 0);
    EXPECT_EQ(tree.root().p, expected.root().p);
    EXPECT_EQ(tree.root().q, expected.root().q);
  });
}

// However many traces and columns there are, the leaves take one dispatch.
TEST(GpuLogup, OneDispatch) {
  const gpu_test::Device device(gpu_test::schedules()[0]);
  gpu::Work work = device.work();
  const ManySlots test;
  const OnDevice columns(work, test);
  gpu::evaluate_leaves(work, test.inputs, columns.traces, Ext(Fp::from_u32(5)), Ext(Fp::from_u32(6)));
  EXPECT_EQ(work.recorder().activity().dispatches, 1u);
}
