// The constraint sums on the device: the messages of the vectors, and those of the host stage over AIRs of
// odd shapes, with all rounds on the device and with a host tail.
#include "gpu/constraint_sum.h"

#include "constraint_runs.h"
#include "edge_case.h"
#include "googletest.h"

using namespace openswirl;
using gpu_test::expect_messages, gpu_test::expect_run, gpu_test::random_matrix;
using stages_test::Dag, stages_test::EdgeCase, stages_test::VectorCase;
using Kind = Node::Kind;

namespace {

// Constraints and interactions over a chain of sums, all of which are alive at once, of columns, rotated
// columns, a public value and selectors; and a narrow trace below it.
struct Chains : stages_test::Instance {
  Chains(uint64_t l_skip, uint64_t n_stack, uint32_t log_height, uint32_t low_height, uint32_t columns) {
    vk = stages_test::make_key(l_skip, n_stack, 3);
    vk.airs.resize(2);
    for (size_t i = 0; i < 2; ++i) {
      AirVk& air = vk.airs[i];
      air.width.common_main = i == 0 ? columns : 1;
      air.num_public_values = 1;
      air.max_constraint_degree = 3;
      Dag dag{air};
      std::vector<uint32_t> leaves = {dag.public_value(0), dag.leaf(Kind::kIsFirstRow),
                                      dag.leaf(Kind::kIsLastRow), dag.leaf(Kind::kIsTransition),
                                      dag.constant(-5)};
      for (uint32_t c = 0; c < air.width.common_main; ++c) {
        leaves.push_back(dag.column(0, c));
        if (c % 2 == 0) leaves.push_back(dag.column(0, c, 1));
      }
      std::vector<uint32_t> sums = {leaves.back()};
      for (size_t k = 0; k < 30; ++k) {
        sums.push_back(dag.op(k % 3 ? Kind::kAdd : Kind::kSub, sums.back(), leaves[k % leaves.size()]));
      }
      uint32_t last = sums.back();
      std::vector<uint32_t> constraints;
      for (const uint32_t sum : sums) {
        last = dag.op(Kind::kSub, sum, dag.op(Kind::kNeg, last));
        constraints.push_back(dag.op(Kind::kMul, last, dag.op(Kind::kMul, leaves[0], leaves[3])));
        constraints.push_back(dag.op(Kind::kMul, dag.op(Kind::kMul, last, leaves[5]), sum));
      }
      std::sort(constraints.begin(), constraints.end());
      for (const uint32_t node : constraints) air.constraints.constraint_idx.push_back(node);
      dag.interaction({last, leaves[5], sums[3]}, leaves[2], 7);
      dag.interaction({sums[9]}, dag.op(Kind::kMul, leaves[5], leaves[3]), 9);
      dag.interaction({last}, leaves[1], 9);
    }
    const std::vector<std::optional<uint32_t>> heights = {log_height, low_height};
    inputs.shape = make_proof_shape(vk, heights);
    stack({{random_matrix(uint64_t{1} << log_height, columns, 3)},
           {random_matrix(uint64_t{1} << low_height, 1, 4)}});
    for (stages::TraceView& trace : inputs.traces) trace.public_values = {Fp::from_u32(11)};
  }
};

}  // namespace

TEST(GpuConstraintSum, MessagesOfTheVectors) {
  size_t cases = 0;
  const gpu_test::Device device(gpu_test::schedules()[2]);
  gpu::Work work = device.work();
  for (const std::string& name : vectors::cases()) {
    SCOPED_TRACE(name);
    const VectorCase test(name);
    size_t cells = 0;
    for (const auto& matrix : test.stacked) cells += matrix.size();
    if (cells > 1 << 14) continue;
    expect_messages(work, test, 0, nullptr);
    expect_messages(work, test, gpu::kHostConstraints, nullptr);
    ++cases;
  }
  EXPECT_GT(cases, 20u);
}

// Blocks of one point to eight, short traces, AIRs without constraints, interactions or columns.
TEST(GpuConstraintSum, EdgesOnEveryDevice) {
  gpu_test::on_every_device([](gpu::Work& work) {
    for (uint32_t l_skip = 0; l_skip <= 3; ++l_skip) {
      SCOPED_TRACE("l_skip " + std::to_string(l_skip));
      const EdgeCase test(l_skip);
      expect_run(work, test, {0});
      expect_run(work, test, {300});
      expect_run(work, test, {gpu::kHostConstraints});
    }
  });
}

// More slots than threadgroup memory holds, many pieces, many turns.
TEST(GpuConstraintSum, SpillsPiecesAndTurns) {
  gpu_test::on_every_device([](gpu::Work& work) {
    expect_run(work, Chains(2, 6, 7, 3, 3), {0, 200, 1000});
    expect_run(work, Chains(1, 6, 6, 0, 2), {0, 50, 10});
  });
}

// Tiles that lie within a block, and traces shorter than one.
TEST(GpuConstraintSum, LargeBlocks) {
  const gpu_test::Device device(gpu_test::schedules()[1]);
  gpu::Work work = device.work();
  expect_run(work, Chains(9, 1, 10, 2, 1), {});
  expect_run(work, Chains(5, 5, 9, 6, 2), {0, 4000, 40});
}

// Blocks of 16, which are brought onto cosets in registers: in several turns, and below a trace of one row.
TEST(GpuConstraintSum, BlocksOfSixteen) {
  gpu_test::on_every_device([](gpu::Work& work) {
    expect_run(work, Chains(4, 3, 7, 2, 3), {0, 3000, 40});
    expect_run(work, Chains(4, 2, 5, 0, 2), {});
  });
}

TEST(GpuConstraintSum, DispatchesDoNotGrowWithColumns) {
  const gpu_test::Device device(gpu_test::schedules()[0]);
  gpu::Work work = device.work();
  const uint64_t few =
      expect_run(work, Chains(2, 6, 6, 3, 2), {});  // one of them is not rotated in constraints
  const uint64_t many = expect_run(work, Chains(2, 8, 6, 3, 40), {});
  EXPECT_EQ(few, many);
}
