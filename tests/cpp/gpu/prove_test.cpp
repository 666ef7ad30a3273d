// Proofs of the vectors' cases on the emulator: the recorded bytes, in every order, and what a report says of
// them. Cases with production grinding run only with --gtest_also_run_disabled_tests.
#include "prover/prove.h"

#include <atomic>
#include <thread>

#include "devices.h"
#include "forwarding_runtime.h"
#include "googletest.h"
#include "gpu/device.h"
#include "places.h"
#include "prover/case.h"
#include "sim/backend.h"

using namespace openswirl;
using test_case::prove_case, test_case::recorded_proof;
using vectors::Effort;

namespace {

class ProveOnSim : public testing::TestWithParam<std::string> {};
class PresetOnSim : public testing::TestWithParam<std::string> {};

const SpanRecord& span_named(const Context& context, const std::string& name) {
  for (const SpanRecord& span : context.spans->records()) {
    if (span.name == name) return span;
  }
  throw std::runtime_error("no span " + name);
}

// Counts what the pool does not have.
class Counting final : public gpu_test::ForwardingRuntime {
 public:
  using ForwardingRuntime::ForwardingRuntime;
  Result<std::shared_ptr<gpu::Memory>> allocate(uint64_t bytes, bool poison) override {
    ++allocations;
    return ForwardingRuntime::allocate(bytes, poison);
  }
  std::atomic<int> allocations{0};
};

}  // namespace

TEST(ProofsInARow, TakeTheMemoryOfTheFirst) {
  const auto runtime = std::make_shared<Counting>(sim::make_runtime({{}, false}));
  const auto device = gpu::make_device(runtime);
  const Context context = gpu_test::context();
  std::vector<int> allocations;
  for (int proof = 0; proof < 4; ++proof) {
    EXPECT_TRUE(prove_case("mixture_h3", *device, context) == recorded_proof("mixture_h3"));
    allocations.push_back(runtime->allocations);
  }
  EXPECT_EQ(allocations[3], allocations[1]);
}

TEST_P(ProveOnSim, MakesTheRecordedBytes) {
  const auto device = make_sim_backend()->open(0).take();
  const Context context = gpu_test::context();
  EXPECT_TRUE(prove_case(GetParam(), *device, context) == recorded_proof(GetParam()));
}
INSTANTIATE_TEST_SUITE_P(Cases, ProveOnSim, testing::ValuesIn(vectors::cases({Effort::kSmall})),
                         [](const auto& info) { return info.param; });
INSTANTIATE_TEST_SUITE_P(DISABLED_Production, ProveOnSim,
                         testing::ValuesIn(vectors::cases({Effort::kProduction})),
                         [](const auto& info) { return info.param; });

// Tens of millions of permutations each: by hand, with OPENSWIRL_SIM_SHADOW=off.
TEST_P(PresetOnSim, MakesTheRecordedBytes) {
  const auto device = make_sim_backend()->open(0).take();
  const Context context = gpu_test::context(std::thread::hardware_concurrency());
  EXPECT_TRUE(prove_case(GetParam(), *device, context) == recorded_proof(GetParam()));
}
INSTANTIATE_TEST_SUITE_P(DISABLED_Presets, PresetOnSim, testing::ValuesIn(vectors::cases({Effort::kPreset})),
                         [](const auto& info) { return info.param; });

// The host takes no rounds, and everything has an exact allocation: the kernels really run, whatever the
// size.
TEST_P(ProveOnSim, MakesTheRecordedBytesWithoutTheHost) {
  setenv("OPENSWIRL_HOST_TAIL", "off", 1);
  setenv("OPENSWIRL_HOST_SEARCH", "off", 1);
  setenv("OPENSWIRL_POOL", "off", 1);
  const auto device = make_sim_backend()->open(0).take();
  unsetenv("OPENSWIRL_HOST_TAIL");
  unsetenv("OPENSWIRL_HOST_SEARCH");
  unsetenv("OPENSWIRL_POOL");
  const Context context = gpu_test::context();
  EXPECT_TRUE(prove_case(GetParam(), *device, context) == recorded_proof(GetParam()));
  gpu_test::expect_all_on_device(*context.spans);
}

TEST(SimDevice, EveryOrderMakesTheSameBytes) {
  for (const sim::Schedule& schedule : gpu_test::schedules()) {
    const auto device = gpu::make_device(sim::make_runtime({schedule, true}));
    EXPECT_TRUE(prove_case("mixture_h3", *device, gpu_test::context()) == recorded_proof("mixture_h3"));
  }
}

TEST(SimDevice, SaysWhereEveryStageRan) {
  const auto device = gpu::make_device(sim::make_runtime({}));
  const Context context = gpu_test::context();
  prove_case("mixture_h3", *device, context);
  EXPECT_TRUE(span_named(context, "rs_code_matrix").on_device);
  EXPECT_TRUE(span_named(context, "merkle_tree").on_device);
  EXPECT_GT(span_named(context, "stacked_commit").device_work.dispatches, 0u);
  for (const SpanRecord& span : context.spans->records()) {
    const bool stage = span.name == "stacked_commit" || span.name.starts_with("prover.rap_constraints.") ||
                       span.name.starts_with("prover.openings.");
    EXPECT_TRUE(!stage || span.on_device || span.on_host) << span.name;
  }
}

TEST(SimDevice, FreesWhatAProofUsedAlsoWhenCancelled) {
  const auto device = gpu::make_device(sim::make_runtime({}));
  const Context context = gpu_test::context();
  const auto key = test_case::read_key("mixture_h3", *device, context);
  const auto device_key = device->load_key(key, context).take();
  const uint64_t held = context.meter->current();
  prove(*device, device_key, test_case::read_traces("mixture_h3", key->vk, *device, context), {}, context);
  EXPECT_EQ(context.meter->current(), held);
  EXPECT_GT(context.meter->peak(), held);
  auto traces = test_case::read_traces("mixture_h3", key->vk, *device, context);
  context.cancel->cancel();
  try {
    prove(*device, device_key, std::move(traces), {}, context);
    FAIL() << "not cancelled";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), FailureKind::kCancelled);
  }
  EXPECT_EQ(context.meter->current(), held);
}

TEST(SimDevice, TestsItself) {
  const auto backend = make_sim_backend();
  EXPECT_EQ(backend->score(), 0);  // never chosen automatically
  EXPECT_TRUE(backend->open(0).take()->self_test(gpu_test::context()).ok());
  EXPECT_FALSE(backend->open(1).ok());
}
