// Proofs of the vectors' cases on the CPU backend, with one and with two threads: the bytes equal the
// recorded ones. The production-size presets run only with --gtest_also_run_disabled_tests.
#include "prover/prove.h"

#include "cpu/backend.h"
#include "googletest.h"
#include "prover/case.h"

using namespace openswirl;
using vectors::Effort;

namespace {

// A case and a number of threads.
class ProveOnCpu : public testing::TestWithParam<std::tuple<std::string, unsigned>> {};
const auto run_name = [](const auto& info) {
  return std::get<0>(info.param) + "_threads" + std::to_string(std::get<1>(info.param));
};

}  // namespace

TEST_P(ProveOnCpu, MakesTheRecordedBytes) {
  const auto& [name, threads] = GetParam();
  const std::shared_ptr<Device> device = make_cpu_backend()->open(0).take();
  Context context;
  context.pool = std::make_shared<ThreadPool>(threads);
  const auto key = test_case::read_key(name, *device, context);
  const auto device_key = device->load_key(key, context).take();
  for (size_t id = 0; id < key->airs.size(); ++id) {
    if (!key->airs[id].preprocessed) continue;
    EXPECT_EQ(key->airs[id].preprocessed->root(), key->vk.airs[id].preprocessed->commit);
  }
  ProveOptions options;
  options.verify_after = false;  // equal bytes say more
  auto traces = test_case::read_traces(name, key->vk, *device, context);
  const auto bytes = encode_proof(prove(*device, device_key, std::move(traces), options, context));
  EXPECT_TRUE(bytes == test_case::recorded_proof(name));
}
INSTANTIATE_TEST_SUITE_P(Cases, ProveOnCpu,
                         testing::Combine(testing::ValuesIn(vectors::cases({Effort::kSmall,
                                                                            Effort::kProduction})),
                                          testing::Values(1u, 2u)),
                         run_name);
INSTANTIATE_TEST_SUITE_P(DISABLED_Presets, ProveOnCpu,
                         testing::Combine(testing::ValuesIn(vectors::cases({Effort::kPreset})),
                                          testing::Values(1u, 2u)),
                         run_name);

TEST(CpuDevice, FreesWhatAProofUsedAlsoWhenCancelled) {
  const std::shared_ptr<Device> device = make_cpu_backend()->open(0).take();
  Context context;
  context.pool = std::make_shared<ThreadPool>(2);
  const auto key = test_case::read_key("mixture_h3", *device, context);
  const auto device_key = device->load_key(key, context).take();
  const uint64_t held = context.meter->current();
  {
    auto traces = test_case::read_traces("mixture_h3", key->vk, *device, context);
    prove(*device, device_key, std::move(traces), {}, context);
  }
  EXPECT_EQ(context.meter->current(), held);
  EXPECT_GT(context.meter->peak(), held);

  auto traces = test_case::read_traces("mixture_h3", key->vk, *device, context);
  context.cancel->cancel();
  FailureKind kind = FailureKind::kInternal;
  try {
    prove(*device, device_key, std::move(traces), {}, context);
  } catch (const Error& error) {
    kind = error.kind();
  }
  EXPECT_EQ(kind, FailureKind::kCancelled);
  traces.clear();
  EXPECT_EQ(context.meter->current(), held);
}

TEST(CpuDevice, TestsItselfAndDescribesItself) {
  const auto backend = make_cpu_backend();
  const auto device = backend->open(0).take();
  EXPECT_TRUE(device->self_test({}).ok());
  EXPECT_CONTAINS(device->info().description, "thread");
  EXPECT_FALSE(backend->open(1).ok());
}
