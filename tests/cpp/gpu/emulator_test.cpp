// What the emulator refuses, and that it says where.
#include "googletest.h"
#include "openswirl/failure.h"
#include "sim/entry.h"
#include "sim/group.h"
#include "sim/memory.h"

// They share one list of parameters, and none needs all.
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include "refused.metal"

using namespace openswirl;

namespace {

// Runs a kernel of 64 threads a group on 64 input words and 256 output words; the output of what it wrote.
std::vector<uint32_t> run(const sim::Entry& entry, uint32_t n, uint32_t groups = 1,
                          sim::Order order = sim::Order::kForward) {
  sim::SimMemory in(4 * 64, true, true), out(4 * 256, true, true);
  std::fill_n(static_cast<uint32_t*>(in.host()), 64, 0u);
  for (uint32_t i = 0; i < 64; ++i) static_cast<uint32_t*>(in.host())[i] = 100 + i;
  in.shadow()->set_written(0, 64);
  const RefusedArgs args{n};
  sim::Launch launch;
  launch.entry = &entry;
  launch.buffers = {in.host(), out.host()};
  launch.args = &args;
  const auto bind = [&](const sim::SimMemory& memory, const char* name, gpu::Access access) {
    const auto* begin = static_cast<const std::byte*>(memory.host());
    launch.bound.push_back({begin, begin + memory.bytes(), begin, name, access, memory.shadow(),
                            memory.shadow()->begin_dispatch()});
  };
  bind(in, "in", gpu::Access::kRead);
  bind(out, "out", gpu::Access::kReadWrite);
  launch.group_size = 64;
  launch.threadgroup_bytes = 256;
  launch.groups = {groups, 1, 1};
  launch.schedule = {order, 3};
  sim::GroupRunner runner;
  for (uint32_t g = 0; g < groups; ++g)
    runner.run(launch, order == sim::Order::kReverse ? groups - 1 - g : g);
  const auto* words = static_cast<const uint32_t*>(out.host());
  return {words, words + 256};
}

// The message of the refusal; a test failure if there is none.
std::string refusal(const sim::Entry& entry, uint32_t n, uint32_t groups = 1,
                    sim::Order order = sim::Order::kForward) {
  try {
    run(entry, n, groups, order);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), FailureKind::kDevice);
    return error.what();
  }
  ADD_FAILURE() << entry.symbol << " was not refused";
  return {};
}

#define ENTRY(name) sim::make_entry<&::name>(#name)

}  // namespace

TEST(Emulator, DivergentBarriers) {
  const std::string early = refusal(ENTRY(divergent_barrier), 48);
  EXPECT_CONTAINS(early, "kernel divergent_barrier, group (0, 0, 0), thread (0, 0, 0), refused.metal:");
  EXPECT_CONTAINS(early, "divergent barrier: thread (48, 0, 0) has returned");
  EXPECT_CONTAINS(refusal(ENTRY(different_barriers), 32), "divergent barrier: thread (32, 0, 0) waits");
  EXPECT_EQ(run(ENTRY(divergent_barrier), 64)[0], 163u);
}

TEST(Emulator, MissingBarriersShowInTheOrders) {
  const auto forward = run(ENTRY(missing_barrier), 0),
             reverse = run(ENTRY(missing_barrier), 0, 1, sim::Order::kReverse);
  EXPECT_NE(forward, reverse);
}

TEST(Emulator, DeviceMemoryNeedsADeviceBarrier) {
  for (const auto order : {sim::Order::kForward, sim::Order::kReverse, sim::Order::kRandom}) {
    EXPECT_CONTAINS(refusal(ENTRY(device_exchange), 0, 2, order),
                    "another thread wrote since the last device barrier");
    EXPECT_EQ(run(ENTRY(ordered_exchange), 0, 2, order)[128], 63u);
  }
}

TEST(Emulator, RacesBetweenGroups) {
  for (const auto order : {sim::Order::kForward, sim::Order::kReverse}) {
    EXPECT_CONTAINS(refusal(ENTRY(write_race), 0, 2, order), "writes a word that another group writes");
  }
  EXPECT_CONTAINS(refusal(ENTRY(read_race), 0, 2), "reads a word that another group writes");
  EXPECT_CONTAINS(refusal(ENTRY(read_race), 0, 2, sim::Order::kReverse), "reads a word that nobody wrote");
  EXPECT_EQ(run(ENTRY(write_race), 0, 1)[0], 0u);
}

TEST(Emulator, Shuffles) {
  EXPECT_CONTAINS(refusal(ENTRY(partial_shuffle), 16), "divergent shuffle: thread (16, 0, 0) has returned");
  EXPECT_CONTAINS(refusal(ENTRY(shuffle_from_nowhere), 1), "shuffle from lane 33, which does not exist");
  EXPECT_EQ(run(ENTRY(partial_shuffle), 32)[6], 7u);
}

TEST(Emulator, Accesses) {
  EXPECT_CONTAINS(refusal(ENTRY(beyond_the_end), 1), "thread (63, 0, 0)");
  EXPECT_CONTAINS(refusal(ENTRY(beyond_the_end), 1), "reads outside of its buffers");
  EXPECT_CONTAINS(refusal(ENTRY(writes_an_input), 0),
                  "writes a buffer that the manifest does not allow it to");
  EXPECT_CONTAINS(refusal(ENTRY(misaligned), 0), "not aligned");
  EXPECT_CONTAINS(refusal(ENTRY(too_much_shared), 0), "take 260 bytes, the manifest says 256");
}
