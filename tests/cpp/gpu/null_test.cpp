// Plans of the null device beside what the emulator does for the same cases: equal dispatches, waits and
// bytes in every span, and the operations of every kernel within what counting a few groups can miss.
#include "null/backend.h"

#include <map>
#include <set>

#include "devices.h"
#include "googletest.h"
#include "gpu/device.h"
#include "null/runtime.h"
#include "prover/case.h"

using namespace openswirl;

namespace {

// Everything before the proof itself.
struct Prepared {
  Prepared(const std::string& name, Device& device) : device(device) {
    const Context before = gpu_test::context();
    const auto host_key = test_case::read_key(name, device, before);
    key = device.load_key(host_key, before).take();
    traces = test_case::read_traces(name, host_key->vk, device, before);
  }
  Context rehearse() {
    const Context context = gpu_test::context();
    openswirl::rehearse(device, key, std::move(traces), context);
    return context;
  }
  Context prove() {
    const Context context = gpu_test::context();
    ProveOptions options;
    options.verify_after = false;
    openswirl::prove(device, key, std::move(traces), options, context);
    return context;
  }

  Device& device;
  std::shared_ptr<const DeviceKey> key;
  std::vector<AirTrace> traces;
};

Context rehearse_case(const std::string& name, Device& device) { return Prepared(name, device).rehearse(); }

std::array<uint64_t, 6> numbers(const DeviceWork& work) {
  return {work.dispatches,    work.submissions,    work.waits,
          work.bytes_touched, work.bytes_uploaded, work.bytes_downloaded};
}

// Operations by kernel.
std::map<std::string, KernelOperations> planned_operations(const Context& context) {
  std::map<std::string, KernelOperations> result;
  for (const SpanRecorder::Planned& planned : context.spans->planned()) {
    if (planned.command.groups > 0) result[planned.command.name] += planned.command.operations;
  }
  return result;
}

void expect_near(uint64_t planned, uint64_t counted, const std::string& what) {
  // A fiftieth, and in tiny dispatches a few operations of a partial group.
  const double allowed = 0.02 * static_cast<double>(counted) + 64;
  EXPECT_NEAR(static_cast<double>(planned), static_cast<double>(counted), allowed) << what;
}

struct Unset {
  ~Unset() { unsetenv("OPENSWIRL_HOST_TAIL"); }
};

class PlansCase : public testing::TestWithParam<std::tuple<const char*, const char*>> {};

}  // namespace

TEST_P(PlansCase, AsTheEmulatorExecutesIt) {
  const auto& [name, host_tail] = GetParam();
  setenv("OPENSWIRL_HOST_TAIL", host_tail, 1);
  const Unset unset;
  const auto runtime = sim::make_runtime({{}, false});
  const auto sim = gpu::make_device(runtime);
  const auto null = make_null_backend()->open(0).take();
  Prepared to_prove(name, *sim);
  const auto before = runtime->counts();
  const Context executed = to_prove.prove(), planned = rehearse_case(name, *null);

  const auto &spans = executed.spans->records(), &plans = planned.spans->records();
  ASSERT_EQ(spans.size(), plans.size());
  for (size_t i = 0; i < spans.size(); ++i) {
    EXPECT_EQ(spans[i].name, plans[i].name);
    EXPECT_EQ(spans[i].on_device, plans[i].on_device) << spans[i].name;
    EXPECT_EQ(spans[i].on_host, plans[i].on_host) << spans[i].name;
    // Searches last as long as their luck.
    if (spans[i].name != "grind") {
      EXPECT_EQ(numbers(spans[i].device_work), numbers(plans[i].device_work)) << spans[i].name;
    }
  }

  const auto counts = runtime->counts();
  const auto operations = planned_operations(planned);
  size_t compared = 0;
  for (const auto& [symbol, all] : counts) {
    if (symbol.starts_with("grind")) continue;
    const auto earlier = before.find(symbol);
    const KernelOperations counted = all - (earlier == before.end() ? sim::Counts{} : earlier->second);
    if (counted.weight() == 0) continue;
    ASSERT_TRUE(operations.contains(symbol)) << symbol;
    const KernelOperations& of = operations.at(symbol);
    expect_near(of.multiplications, counted.multiplications, symbol + " multiplications");
    expect_near(of.reductions, counted.reductions, symbol + " reductions");
    expect_near(of.additions, counted.additions, symbol + " additions");
    expect_near(of.permutations, counted.permutations, symbol + " permutations");
    expect_near(of.words_loaded, counted.words_loaded, symbol + " loads");
    expect_near(of.words_stored, counted.words_stored, symbol + " stores");
    ++compared;
  }
  // With its tail the host proves small cases but for the commitment.
  EXPECT_GE(compared, std::string(host_tail) == "on" ? 4u : 12u);
}

INSTANTIATE_TEST_SUITE_P(Cases, PlansCase,
                         testing::Combine(testing::Values("fib_h3", "interactions11", "mixture_h3",
                                                          "cached11", "mixture_l2_n8_k4",
                                                          "interactions_l4_n8_k4"),
                                          testing::Values("on", "off")),
                         [](const auto& info) {
                           return std::string(std::get<0>(info.param)) + "_tail_" + std::get<1>(info.param);
                         });

TEST(NullDevice, AssignsCommandsToTheSpansOfTheirTime) {
  const auto device = make_null_backend()->open(0).take();
  const Context context = rehearse_case("fib_h3", *device);
  std::map<std::string, std::set<std::string>> kernels;
  for (const SpanRecorder::Planned& planned : context.spans->planned()) {
    const std::string& span = context.spans->records()[static_cast<size_t>(planned.span)].name;
    if (planned.command.groups > 0) kernels[span].insert(planned.command.name);
  }
  EXPECT_TRUE(kernels["rs_code_matrix"].contains("ntt_pass"));
  EXPECT_FALSE(kernels["rs_code_matrix"].contains("stacking_import"));
  EXPECT_TRUE(kernels["stacked_commit"].contains("stacking_import"));
  EXPECT_FALSE(kernels["merkle_tree"].contains("ntt_pass"));
  EXPECT_TRUE(kernels["merkle_tree"].contains("merkle_leaves_multiply"));
}

TEST(NullDevice, MakesNoProofAndIsNeverChosen) {
  const auto backend = make_null_backend();
  EXPECT_EQ(backend->score(), 0);
  EXPECT_EQ(backend->devices().size(), 2u);
  EXPECT_FALSE(backend->open(2).ok());
  const auto null = backend->open(0).take();
  EXPECT_FALSE(null->info().executes);
  try {
    Prepared("fib_h3", *null).prove();
    FAIL() << "a proof";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), FailureKind::kUnsupported);
    EXPECT_NE(std::string(error.what()).find("executes nothing"), std::string::npos) << error.what();
  }
  const auto sim = gpu::make_device(sim::make_runtime({}));
  EXPECT_THROW(rehearse_case("fib_h3", *sim), Error);
}

TEST(NullDevice, UploadsTracesOnlyToMemoryOfItsOwn) {
  const auto backend = make_null_backend();
  const auto uploaded = [&](uint32_t index) {
    const auto device = backend->open(index).take();
    const Context context = rehearse_case("fib_h3", *device);
    DeviceWork total;
    for (const SpanRecord& span : context.spans->records()) total += span.device_work;
    return total.bytes_uploaded;
  };
  EXPECT_GE(uploaded(1), uploaded(0) + 8 * 2 * 4);  // 8 rows of 2 columns
}

TEST(NullRuntime, DownloadsZerosAndPlansBytes) {
  const auto engine = gpu::make_engine(null_device::make_runtime(true));
  Context context = gpu_test::context();
  const Span span(*context.spans, "all");
  gpu::Work work(engine, context);
  const std::vector<uint32_t> values{1, 2, 3, 4};
  const gpu::Array array = work.upload(std::span<const uint32_t>(values), "values");
  std::vector<uint32_t> read(4, 7);
  work.recorder().download(array.range(), std::as_writable_bytes(std::span(read)));
  work.wait();
  EXPECT_EQ(read, std::vector<uint32_t>(4, 0));
  const auto& planned = context.spans->planned();
  ASSERT_EQ(planned.size(), 2u);
  EXPECT_EQ(planned[0].command.name, "upload");
  EXPECT_EQ(planned[0].command.bytes_written, 16u);
  EXPECT_EQ(planned[1].command.name, "download");
  EXPECT_EQ(planned[1].command.bytes_read, 16u);
}
