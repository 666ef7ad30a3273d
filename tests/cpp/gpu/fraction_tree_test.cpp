// LogUp-GKR on the device against the host's stage, whose messages are those of the vectors, for leaves at
// the edges of quadruples, groups and dispatches.
#include "gpu/fraction_tree.h"

#include "googletest.h"

#include "devices.h"
#include "poly/eq.h"
#include "random_words.h"

using namespace openswirl;

namespace {

std::vector<Ext> random_elements(size_t count, uint32_t seed) {
  std::vector<Ext> result;
  const auto words = stages_test::words(4 * count, seed);
  for (size_t i = 0; i < count; ++i) result.push_back(stages_test::ext(&words[4 * i]));
  return result;
}

// Every message of a tree with `used` leaves of 2^log_size; p of the base field or not.
void expect_tree(gpu::Work& work, uint32_t log_size, size_t used, bool base, uint64_t host_nodes) {
  SCOPED_TRACE(std::to_string(used) + " of 2^" + std::to_string(log_size) + " leaves, the host takes " +
               std::to_string(host_nodes));
  const auto p = random_elements(used, 1), q = random_elements(used, 2);
  const Ext padding = random_elements(1, 3)[0];

  stages::FractionTable table(work.context(), log_size, used, padding, base);
  std::vector<uint32_t> p_words;
  for (size_t i = 0; i < used; ++i) {
    if (base) {
      table.base_p[i] = p[i].c[0];
    } else {
      table.p[i] = p[i];
    }
    table.q[i] = q[i];
    for (size_t k = 0; k < (base ? 1 : 4); ++k) p_words.push_back(p[i].c[k].word());
  }
  table.pad(used);
  stages::FractionTreeStage expected(work.context(), std::move(table));

  std::vector<gpu::Array> memory;
  memory.push_back(work.upload(std::span<const uint32_t>(p_words), "p"));
  memory.push_back(work.upload(std::span<const Ext>(q), "q"));
  const gpu::DeviceFractions leaves{log_size,         used, padding, base ? 1u : 4u, memory[0].range(),
                                    memory[1].range()};
  gpu::FractionTreeStage tree(work, leaves, std::move(memory), host_nodes);

  EXPECT_EQ(tree.root().p, expected.root().p);
  EXPECT_EQ(tree.root().q, expected.root().q);
  EXPECT_EQ(tree.first_layer(), expected.first_layer());
  const auto challenges = random_elements(3 * log_size + 2, 4);
  for (uint32_t layer = 2; layer <= log_size; ++layer) {
    tree.enter(challenges[layer], challenges[2 * layer]);
    expected.enter(challenges[layer], challenges[2 * layer]);
    for (uint32_t k = 0; k + 1 < layer; ++k) {
      const Ext* challenge = k == 0 ? nullptr : &challenges[layer + k];
      ASSERT_EQ(tree.next(challenge), expected.next(challenge)) << "round " << k << " of layer " << layer;
    }
    ASSERT_EQ(tree.leave(challenges[2 * layer + 1]), expected.leave(challenges[2 * layer + 1]));
  }
}

}  // namespace

TEST(GpuFractionTree, EveryShapeWithoutTheHost) {
  gpu_test::on_every_device([](gpu::Work& work) {
    expect_tree(work, 1, 1, true, 0);
    expect_tree(work, 2, 3, true, 0);
    expect_tree(work, 3, 5, false, 0);
    expect_tree(work, 4, 16, true, 0);
    expect_tree(work, 5, 17, true, 0);
    expect_tree(work, 6, 39, false, 0);
  });
}

// More than a group, and more than one dispatch for the layers.
TEST(GpuFractionTree, ManyGroups) {
  for (const sim::Schedule& schedule : gpu_test::schedules()) {
    const gpu_test::Device device(schedule);
    gpu::Work work = device.work();
    expect_tree(work, 10, 519, true, 0);
    expect_tree(work, 11, 1031, true, 64);
  }
}

TEST(GpuFractionTree, TheHostTakesSmallTables) {
  const gpu_test::Device device(gpu_test::schedules()[0]);
  gpu::Work work = device.work();
  for (const uint64_t host_nodes : {2u, 4u, 5u, 16u, 100u, 1024u}) expect_tree(work, 7, 77, true, host_nodes);
  // With everything on the host the leaves are fetched in one wait, and nothing is dispatched.
  const auto before = work.recorder().activity();
  expect_tree(work, 7, 77, true, 128);
  EXPECT_EQ(work.recorder().activity().waits - before.waits, 1u);
  EXPECT_EQ(work.recorder().activity().dispatches, before.dispatches);
}

// One dispatch makes eight layers; every round on the device is one dispatch and one wait.
TEST(GpuFractionTree, DispatchesAndWaits) {
  const gpu_test::Device device(gpu_test::schedules()[0]);
  gpu::Work work = device.work();
  expect_tree(work, 10, 700, true, 64);
  // Layers 9 .. 6; then layers 7 .. 10 with 2 .. 5 rounds each.
  EXPECT_EQ(work.recorder().activity().dispatches, 1u + 2 + 3 + 4 + 5);
  EXPECT_EQ(work.recorder().activity().waits, 1u + 2 + 3 + 4 + 5);
}

TEST(GpuEqSuffixes, ProductsAreTheTables) {
  const gpu_test::Device device(gpu_test::schedules()[0]);
  gpu::Work work = device.work();
  for (const size_t variables : {0u, 1u, 2u, 5u}) {
    const auto point = random_elements(variables, 5);
    const gpu::EqSuffixes suffixes(work, point);
    const auto words = gpu_test::read(work, suffixes.words());
    for (size_t start = 0; start <= variables; ++start) {
      const auto behind = std::span<const Ext>(point).subspan(start);
      const auto expected = eq_table(behind);
      const auto split = suffixes.from(start);
      Ext sum = Ext::zero();
      for (size_t i = 0; i < expected.size(); ++i) {
        const Ext low = stages_test::ext(&words[4 * (split.low + i % (1u << split.log_low))]);
        const Ext high = stages_test::ext(&words[4 * (split.high + (i >> split.log_low))]);
        EXPECT_EQ(low * high, expected[i]);
        EXPECT_EQ(gpu::eq_prefix_sum(behind, i), sum);
        sum += expected[i];
      }
      EXPECT_EQ(gpu::eq_prefix_sum(behind, expected.size()), Ext::one());
    }
  }
}
