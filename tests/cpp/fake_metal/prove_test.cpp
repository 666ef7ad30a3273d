// Proofs of the vectors' cases through backends/metal on the fake device: the recorded bytes, on every
// system.
#include "prover/prove.h"

#include <thread>

#include "fake_device.h"
#include "places.h"
#include "prover/case.h"

using namespace openswirl;
using fake_metal_test::FakeMetal;
using fake_metal_test::Setting;
using vectors::Effort;

namespace {

class MetalProves : public FakeMetal, public testing::WithParamInterface<std::string> {};
class MetalProvesPresets : public FakeMetal, public testing::WithParamInterface<std::string> {};

void expect_recorded(const std::string& name, Device& device, const Context& context) {
  EXPECT_TRUE(test_case::prove_case(name, device, context) == test_case::recorded_proof(name));
}

void expect_recorded(const std::string& name) {
  const auto device = fake_metal_test::open();
  expect_recorded(name, *device, gpu_test::context());
}

}  // namespace

TEST_P(MetalProves, TheRecordedBytes) { expect_recorded(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Cases, MetalProves, testing::ValuesIn(vectors::cases({Effort::kSmall})),
                         [](const auto& info) { return info.param; });
INSTANTIATE_TEST_SUITE_P(DISABLED_Production, MetalProves,
                         testing::ValuesIn(vectors::cases({Effort::kProduction})),
                         [](const auto& info) { return info.param; });

// Tens of millions of permutations each: by hand. Command buffers of minutes are no fault of the device.
TEST_P(MetalProvesPresets, TheRecordedBytes) {
  const Setting timeout("OPENSWIRL_METAL_TIMEOUT", "100000");
  const auto device = fake_metal_test::open();
  expect_recorded(GetParam(), *device, gpu_test::context(std::thread::hardware_concurrency()));
}
INSTANTIATE_TEST_SUITE_P(DISABLED_Presets, MetalProvesPresets,
                         testing::ValuesIn(vectors::cases({Effort::kPreset})),
                         [](const auto& info) { return info.param; });

TEST_P(MetalProves, TheRecordedBytesWithoutTheHost) {
  const Setting tail("OPENSWIRL_HOST_TAIL", "off"), search("OPENSWIRL_HOST_SEARCH", "off"),
      pool("OPENSWIRL_POOL", "off");
  const auto device = fake_metal_test::open();
  const Context context = gpu_test::context();
  expect_recorded(GetParam(), *device, context);
  gpu_test::expect_all_on_device(*context.spans);
}

TEST_F(FakeMetal, ProvesOnEverySystem) {
  const Setting tail("OPENSWIRL_HOST_TAIL", "off");  // or the host would take over after the commitment
  for (const int macos : {14, 15, 26}) {
    for (const int family : {7, 9}) {
      fake_metal::reset({.macos = macos, .family = family});
      expect_recorded("mixture_h3");
      // Before residency sets every encoder names what its kernels reach by address.
      EXPECT_EQ(fake_metal::counts().used_resources > 0, macos == 14);
    }
  }
}

// No barrier orders these kernels among themselves; the device sees if they need one.
TEST_F(FakeMetal, KernelsOfSingleAirsRunSideBySide) {
  const Setting tail("OPENSWIRL_HOST_TAIL", "off"), generated("OPENSWIRL_GENERATED", "all");
  const auto device = fake_metal_test::open();
  const Context context = gpu_test::context();
  expect_recorded("interactions_l2_n8_k4", *device, context);
  size_t spans = 0;
  for (const SpanRecord& span : context.spans->records()) spans += span.name == "generated_constraints";
  EXPECT_GT(spans, 0u);
}

TEST_F(FakeMetal, SeveralThreadsProveAtOnce) {
  const Setting tail("OPENSWIRL_HOST_TAIL", "off");
  const auto device = fake_metal_test::open();
  std::vector<std::thread> threads;
  for (const char* name : {"mixture_h3", "fib_h5", "cached11"}) {
    threads.emplace_back([&device, name] { expect_recorded(name, *device, gpu_test::context()); });
  }
  for (std::thread& thread : threads) thread.join();
}
