// The WHIR opening on the device against the host stage: every message of a run over random columns, with
// every round on the device, with a host tail, and at sizes below a quad.
#include "gpu/opening.h"

#include "googletest.h"

#include "commitments.h"

using namespace openswirl;
using gpu_test::Commitments, gpu_test::Shape;

namespace {

void expect_equal_queries(const stages::OpenedQueries& device, const stages::OpenedQueries& host) {
  EXPECT_EQ(device.initial_rows, host.initial_rows);
  EXPECT_EQ(device.initial_paths, host.initial_paths);
  EXPECT_EQ(device.codeword_values, host.codeword_values);
  EXPECT_EQ(device.codeword_paths, host.codeword_paths);
}

void expect_opening(gpu::Work& work, const Shape& shape, uint64_t host_entries) {
  SCOPED_TRACE("l_skip " + std::to_string(shape.l_skip) + ", n_stack " + std::to_string(shape.n_stack) +
               ", host entries " + std::to_string(host_entries));
  const Commitments committed(work, shape);
  const SystemParams& params = committed.host.shape.params;
  const auto random = stages_test::words(400, 11);
  size_t used = 0;
  const auto challenge = [&] { return stages_test::ext(&random[4 * used++]); };
  std::vector<Ext> u;
  for (uint64_t i = 0; i <= shape.n_stack; ++i) u.push_back(challenge());
  const Ext mu = challenge();
  stages::OpeningStage host(committed.host, u, mu);
  gpu::OpeningStage device(work, committed.device, u, mu, host_entries);
  const auto rounds = static_cast<uint32_t>(shape.queries.size());
  for (uint32_t round = 0; round < rounds; ++round) {
    Ext alpha = Ext::zero();
    for (uint64_t fold = 0; fold < shape.k; ++fold) {
      const Ext* bound = fold == 0 ? nullptr : &alpha;
      ASSERT_EQ(device.next(bound), host.next(bound)) << "round " << round << ", fold " << fold;
      alpha = challenge();
    }
    const auto log_queries =
        static_cast<uint32_t>(params.log_stacked_height() + params.log_blowup - round - shape.k);
    std::vector<uint32_t> indices;
    for (uint64_t l = 0; l < shape.queries[round]; ++l) {
      indices.push_back(static_cast<uint32_t>(977 * l + 13 * round + l / 3) % (1u << log_queries));
    }
    if (round + 1 == rounds) {
      ASSERT_EQ(device.tail(alpha), host.tail(alpha));
      expect_equal_queries(device.open(indices), host.open(indices));
      break;
    }
    ASSERT_EQ(device.commit_folded(alpha), host.commit_folded(alpha)) << "round " << round;
    const Ext z0 = challenge(), gamma = challenge();
    ASSERT_EQ(device.evaluate(z0), host.evaluate(z0)) << "round " << round;
    expect_equal_queries(device.open(indices), host.open(indices));
    device.update(z0, indices, gamma);
    host.update(z0, indices, gamma);
  }
}

}  // namespace

// An odd number of columns in all; a commitment without any; several rounds.
TEST(GpuOpening, EqualsTheHostOnEveryDevice) {
  gpu_test::on_every_device([](gpu::Work& work) {
    const Shape shape{3, 6, 2, {5, 4, 3}, {{{9, 2}, {4, 3}, {1, 2}}, {{3, 0}}, {{9, 2}}}};
    expect_opening(work, shape, 0);
    expect_opening(work, shape, 64);
  });
}

// Tables down to a single entry, and no low bits at all.
TEST(GpuOpening, TablesBelowAQuad) {
  const gpu_test::Device device(gpu_test::schedules()[1]);
  gpu::Work work = device.work();
  expect_opening(work, {1, 1, 1, {2, 1}, {{{2, 1}}}}, 0);
  expect_opening(work, {0, 1, 1, {1}, {{{1, 1}}}}, 0);
  expect_opening(work, {0, 3, 1, {0, 3, 1}, {{{3, 2}, {0, 1}}}}, 0);
  expect_opening(work, {2, 2, 2, {3, 2}, {{{4, 3}}}}, 0);
  expect_opening(work, {2, 2, 2, {3, 2}, {{{4, 3}}}}, 16);
}

// More quads than threads in the kernels that reduce, and both halves of a split index.
TEST(GpuOpening, LargeTables) {
  const gpu_test::Device device(gpu_test::schedules()[2]);
  gpu::Work work = device.work();
  expect_opening(work, {4, 13, 4, {7, 3}, {{{17, 1}, {16, 1}}}}, 0);
}

// The number of dispatches does not depend on the number of columns.
TEST(GpuOpening, DispatchesDoNotGrowWithColumns) {
  const auto dispatches = [](uint32_t columns) {
    const gpu_test::Device device(gpu_test::schedules()[0]);
    gpu::Work work = device.work();
    const uint64_t before = [&] {
      const Commitments committed(work, {2, 4, 2, {2, 2}, {{{6, columns}}}});
      return work.recorder().activity().dispatches;
    }();
    expect_opening(work, {2, 4, 2, {2, 2}, {{{6, columns}}}}, 0);
    return work.recorder().activity().dispatches - 2 * before;
  };
  EXPECT_EQ(dispatches(1), dispatches(40));
}
