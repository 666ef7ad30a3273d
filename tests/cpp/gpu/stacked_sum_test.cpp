// The stacked reduction on the device against the host stage: every message, over columns of many heights,
// with all rounds on the device and with a host tail.
#include "gpu/stacked_sum.h"

#include "googletest.h"

#include "commitments.h"
#include "stages/stacked_sum.h"

using namespace openswirl;
using gpu_test::Commitments, gpu_test::Shape;

namespace {

// Dispatches of the whole reduction.
uint64_t expect_stacked_sum(gpu::Work& work, const Shape& shape, uint64_t host_entries) {
  SCOPED_TRACE("l_skip " + std::to_string(shape.l_skip) + ", n_stack " + std::to_string(shape.n_stack) +
               ", host entries " + std::to_string(host_entries));
  const Commitments committed(work, shape);
  const auto random = stages_test::words(400, 12);
  size_t used = 0;
  const auto challenge = [&] { return stages_test::ext(&random[4 * used++]); };
  std::vector<Ext> r;
  for (uint64_t i = 0; i <= shape.n_stack; ++i) r.push_back(challenge());
  const Ext lambda = challenge();
  stages::StackedSumStage host(committed.host, r, lambda);
  const uint64_t before = work.recorder().activity().dispatches;
  gpu::StackedSumStage device(work, committed.device, r, lambda, host_entries);
  EXPECT_EQ(device.first_round(), host.first_round());
  for (uint64_t j = 0; j < shape.n_stack; ++j) {
    const Ext u = challenge();
    EXPECT_EQ(device.next(u), host.next(u)) << "round " << j + 1;
  }
  const Ext last = challenge();
  EXPECT_EQ(device.finish(last), host.finish(last));
  return work.recorder().activity().dispatches - before;
}

}  // namespace

// Heights above, at and below 2^l_skip, one of them in two commitments; odd numbers of columns.
TEST(GpuStackedSum, EqualsTheHostOnEveryDevice) {
  gpu_test::on_every_device([](gpu::Work& work) {
    const Shape shape{3,   5, 2, {1}, {{{8, 1}, {6, 3}, {3, 2}, {1, 5}, {0, 1}}, {{6, 2}, {4, 1}}, {{2, 0}}},
                      true};
    expect_stacked_sum(work, shape, 0);
    expect_stacked_sum(work, shape, 4);
    expect_stacked_sum(work, shape, uint64_t{1} << 20);
  });
}

TEST(GpuStackedSum, SmallestShapes) {
  const gpu_test::Device device(gpu_test::schedules()[1]);
  gpu::Work work = device.work();
  expect_stacked_sum(work, {0, 1, 1, {1}, {{{1, 1}}}}, 0);
  expect_stacked_sum(work, {0, 2, 1, {1}, {{{2, 2}, {1, 1}, {0, 3}}}, true}, 0);
  expect_stacked_sum(work, {1, 0, 1, {1}, {{{1, 1}, {0, 2}}}, true}, 0);
  expect_stacked_sum(work, {5, 1, 1, {1}, {{{2, 3}}}, true}, 0);
}

// Columns combined in chunks, rows of column values in chunks, more parts than threads of a group.
TEST(GpuStackedSum, ManyColumnsAndManyRows) {
  const gpu_test::Device device(gpu_test::schedules()[2]);
  gpu::Work work = device.work();
  expect_stacked_sum(work, {2, 5, 2, {1}, {{{4, 131}, {3, 37}}}, true}, 0);
  expect_stacked_sum(work, {4, 11, 2, {1}, {{{15, 1}, {13, 3}}}, true}, 0);
}

TEST(GpuStackedSum, DispatchesDoNotGrowWithColumns) {
  const gpu_test::Device device(gpu_test::schedules()[0]);
  gpu::Work work = device.work();
  const uint64_t few = expect_stacked_sum(work, {2, 4, 1, {1}, {{{5, 1}, {1, 1}}}, true}, 0);
  const uint64_t many = expect_stacked_sum(work, {2, 4, 1, {1}, {{{5, 40}, {1, 9}}}, true}, 0);
  EXPECT_EQ(few, many);
}
