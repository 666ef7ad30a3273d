// Kernels written for AIRs: compiled by the host, run on the emulator, and compared with the interpreter,
// with the host's stage and with recorded proofs.
#include "gpu/generated_constraints.h"

#include <sys/wait.h>
#include <unistd.h>

#include <set>

#include "constraint_runs.h"
#include "forwarding_runtime.h"
#include "googletest.h"
#include "gpu/device.h"
#include "host_compiler.h"
#include "prover/case.h"
#include "runtime/notices.h"

#include "random_air.h"

using namespace openswirl;
using stages_test::VectorCase;

namespace {

// One trace of a random AIR.
struct RandomCase : stages_test::Instance {
  RandomCase(uint64_t seed, const gpu_test::RandomAir& random, uint64_t l_skip, uint32_t log_height) {
    vk = stages_test::make_key(l_skip, 8, random.max_degree);
    vk.airs.push_back(random.make(seed, seed % 2 == 1));
    const std::vector<std::optional<uint32_t>> heights = {log_height};
    inputs.shape = make_proof_shape(vk, heights);
    stack({{gpu_test::random_matrix(uint64_t{1} << log_height, random.columns, seed)}});
    inputs.traces[0].public_values = {Fp::from_u32(11), Fp::from_u32(12345)};
  }
};

struct Kernels {
  std::shared_ptr<sim::SimRuntime> runtime;
  std::shared_ptr<gpu::Engine> engine;

  explicit Kernels(const sim::Schedule& schedule) {
    setenv("OPENSWIRL_POOL", "off", 1);
    setenv("OPENSWIRL_GENERATED", "all", 1);
    runtime = sim::make_runtime({schedule, true, host_compiler::compile});
    engine = gpu::make_engine(runtime);
    unsetenv("OPENSWIRL_POOL");
    unsetenv("OPENSWIRL_GENERATED");
  }
  uint64_t generated_dispatches() const {
    uint64_t total = 0;
    for (const auto& [symbol, counts] : runtime->counts()) {
      if (symbol.starts_with("constraints_points_") || symbol.starts_with("constraints_lines_") ||
          symbol.starts_with("constraints_store_")) {
        total += counts.dispatches;
      }
    }
    return total;
  }
};

// All messages of a case, with kernels for all its AIRs.
void expect_case(const Kernels& kernels, const stages_test::Instance& test, uint64_t coset_words) {
  gpu::Work work(kernels.engine, gpu_test::context());
  const gpu::ConstraintPrograms programs(work, test.vk);
  gpu::GeneratedConstraints generated(kernels.engine, test.vk, programs);
  generated.request(test.inputs.shape, *work.context().cancel);
  const uint64_t before = kernels.generated_dispatches();
  gpu_test::Options options;
  options.coset_words = coset_words;
  gpu_test::expect_run(work, test, options, programs, &generated);
  EXPECT_GT(kernels.generated_dispatches(), before + 1);
}

}  // namespace

// The check inside request() compares with the interpreter, expect_case with the host's stage.
TEST(GeneratedConstraints, RandomAirs) {
  size_t stored = 0;
  for (uint64_t seed = 0; seed < 6; ++seed) {
    SCOPED_TRACE(seed);
    gpu_test::RandomAir random;
    if (seed >= 4) random.operations = 250, random.outputs = 25;
    const RandomCase test(seed, random, seed % 5, seed < 3 ? 9 : 6);
    const Kernels kernels(gpu_test::schedules()[seed % 3]);
    expect_case(kernels, test, seed % 2 == 0 ? gpu::kCosetWords : 2000);
    stored += gpu::GeneratedText(test.vk.airs[0]).plan.num_stored();
  }
  EXPECT_GT(stored, 0u);
}

namespace {

// A runtime that looks at the kernels of constraints that follow one another.
class Neighbours final : public gpu_test::ForwardingRuntime {
 public:
  explicit Neighbours(const std::shared_ptr<gpu::Runtime>& runtime)
      : ForwardingRuntime(runtime), compiler_(runtime) {}
  std::string cannot_compile() const override { return compiler_->cannot_compile(); }
  Result<std::shared_ptr<const gpu::KernelProgram>> compile(gpu::KernelText text,
                                                            const Context& context) override {
    return compiler_->compile(std::move(text), context);
  }
  Result<gpu::Submission> submit(std::vector<gpu::Command> commands) override {
    for (size_t i = 1; i < commands.size(); ++i) {
      const std::string before = kind(commands[i - 1]), kind = this->kind(commands[i]);
      if (before.empty() || kind.empty()) continue;
      (commands[i].after_barrier ? ordered : unordered).insert(before + " " + kind);
    }
    return ForwardingRuntime::submit(std::move(commands));
  }

  std::set<std::string> ordered, unordered;

 private:
  static std::string kind(const gpu::Command& command) {
    const auto* dispatch = std::get_if<gpu::DispatchCommand>(&command.what);
    if (!dispatch) return {};
    const std::string symbol = dispatch->call.info().variants[dispatch->variant].symbol;
    if (symbol == "constraint_sums_points" || symbol == "constraint_sums_lines") return "interprets";
    if (symbol.starts_with("constraints_store_")) return "stores";
    return symbol.starts_with("constraints_points_") || symbol.starts_with("constraints_lines_") ? "sums"
                                                                                                 : "";
  }
  const std::shared_ptr<gpu::Runtime> compiler_;
};

}  // namespace

// All write the same partial sums, each other ones; some read what kernels that store have written.
TEST(GeneratedConstraints, NothingOrdersEvaluatorsAmongThemselves) {
  gpu_test::RandomAir random;
  random.operations = 250, random.outputs = 25;
  stages_test::Instance test;
  test.vk = stages_test::make_key(4, 8, random.max_degree);
  for (const uint64_t seed : {5, 6}) test.vk.airs.push_back(random.make(seed, true));
  test.inputs.shape = make_proof_shape(test.vk, std::vector<std::optional<uint32_t>>{7, 7});
  test.stack(
      {{gpu_test::random_matrix(128, random.columns, 5)}, {gpu_test::random_matrix(128, random.columns, 6)}});
  for (auto& trace : test.inputs.traces) trace.public_values = {Fp::from_u32(11), Fp::from_u32(12345)};

  setenv("OPENSWIRL_GENERATED", "all", 1);
  const auto runtime = std::make_shared<Neighbours>(
      sim::make_runtime({gpu_test::schedules()[2], true, host_compiler::compile}));
  const auto engine = gpu::make_engine(runtime);
  unsetenv("OPENSWIRL_GENERATED");
  gpu::Work work(engine, gpu_test::context());
  const gpu::ConstraintPrograms programs(work, test.vk);
  gpu::GeneratedConstraints generated(engine, test.vk, programs);
  // Only the first AIR has kernels.
  generated.request(make_proof_shape(test.vk, std::vector<std::optional<uint32_t>>{7, std::nullopt}),
                    *work.context().cancel);
  ASSERT_NE(generated.air(0), nullptr);
  ASSERT_EQ(generated.air(1), nullptr);
  runtime->ordered.clear(), runtime->unordered.clear();
  gpu_test::expect_run(work, test, {}, programs, &generated);
  EXPECT_EQ(runtime->unordered, (std::set<std::string>{"sums interprets", "sums sums"}));
  EXPECT_TRUE(runtime->ordered.contains("stores sums"));
  runtime->ordered.erase("stores stores");
  EXPECT_EQ(runtime->ordered, (std::set<std::string>{"stores sums"}));
}

// The messages of OpenVM's proofs. Keccak-f has one key for all its cases.
TEST(GeneratedConstraints, MessagesOfTheVectors) {
  const Kernels kernels(gpu_test::schedules()[1]);
  for (const std::string name : {"mixture_h3", "fib_h3", "keccakf_2"}) {
    SCOPED_TRACE(name);
    const VectorCase test(name);
    gpu::Work work(kernels.engine, gpu_test::context());
    const gpu::ConstraintPrograms programs(work, test.vk);
    gpu::GeneratedConstraints generated(kernels.engine, test.vk, programs);
    generated.request(test.inputs.shape, *work.context().cancel);
    const uint64_t before = kernels.generated_dispatches();
    gpu_test::expect_messages(work, test, 0, &generated);
    EXPECT_GT(kernels.generated_dispatches(), before);
  }
}

TEST(GeneratedConstraints, ProveTheRecordedBytes) {
  for (const char* mode : {"all", "off"}) {
    setenv("OPENSWIRL_GENERATED", mode, 1);
    setenv("OPENSWIRL_HOST_TAIL", "off", 1);
    const auto runtime = sim::make_runtime({{sim::Order::kRandom, 3}, true, host_compiler::compile});
    const auto device = gpu::make_device(runtime);
    unsetenv("OPENSWIRL_GENERATED");
    unsetenv("OPENSWIRL_HOST_TAIL");
    const Context context = gpu_test::context();
    const auto key = test_case::read_key("interactions_l2_n8_k4", *device, context);
    const auto device_key = device->load_key(key, context).take();
    ProveOptions options;
    options.verify_after = false;
    auto traces = test_case::read_traces("interactions_l2_n8_k4", key->vk, *device, context);
    EXPECT_TRUE(encode_proof(prove(*device, device_key, std::move(traces), options, context)) ==
                vectors::read_bytes(vectors::folder() / "interactions_l2_n8_k4" / "proof.bin"));
    EXPECT_EQ(runtime->counts().contains("constraints_points_0"), std::string(mode) == "all");
    size_t spans = 0;
    for (const SpanRecord& span : context.spans->records()) spans += span.name == "generated_constraints";
    EXPECT_EQ(spans > 0, std::string(mode) == "all");
  }
}

// A compiler that gives wrong kernels: they are refused where they were asked for, and not used where not.
TEST(GeneratedConstraints, WrongKernelsAreNotUsed) {
  const RandomCase test(0, {}, 2, 6);
  const auto wrong = [](gpu::KernelText text) {
    const size_t body = text.text.find("KERNEL(constraints_"), at = text.text.find(" = cell_mul(", body);
    if (at != std::string::npos) text.text.replace(at, 12, " = cell_add(");
    return host_compiler::compile(text);
  };
  setenv("OPENSWIRL_GENERATED", "all", 1);
  const auto engine = gpu::make_engine(sim::make_runtime({{}, true, wrong}));
  unsetenv("OPENSWIRL_GENERATED");
  gpu::Work work(engine, gpu_test::context());
  const gpu::ConstraintPrograms programs(work, test.vk);
  gpu::GeneratedConstraints generated(engine, test.vk, programs);
  try {
    generated.request(test.inputs.shape, *work.context().cancel);
    FAIL() << "wrong kernels were not noticed";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), FailureKind::kDevice);
    EXPECT_NE(std::string(error.what()).find("AIR 0 do not give what the interpreter gives"),
              std::string::npos);
  }
  EXPECT_EQ(generated.air(0), nullptr);
  const std::vector<std::string> notices = take_notices();
  ASSERT_EQ(notices.size(), 1u);
  EXPECT_NE(notices[0].find("the interpreter is used"), std::string::npos);
}

// The compiling thread of a parent is not waited for in its child.
TEST(GeneratedConstraints, GoInAForkedChild) {
  const RandomCase test(0, {}, 2, 6);
  const Kernels kernels(gpu_test::schedules()[0]);
  gpu::Work work(kernels.engine, gpu_test::context());
  const gpu::ConstraintPrograms programs(work, test.vk);
  auto generated = std::make_unique<gpu::GeneratedConstraints>(kernels.engine, test.vk, programs);
  generated->request(test.inputs.shape, *work.context().cancel);
  ASSERT_NE(generated->air(0), nullptr);
  const pid_t child = fork();
  if (child == 0) {
    alarm(20);
    const bool none = generated->air(0) == nullptr;
    generated.reset();
    _exit(none ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST(GeneratedConstraints, SaysWhatItCannotDo) {
  const RandomCase test(1, {}, 2, 6);
  setenv("OPENSWIRL_GENERATED", "wait", 1);
  const auto engine = gpu::make_engine(sim::make_runtime({}));
  setenv("OPENSWIRL_GENERATED", "sometimes", 1);
  EXPECT_THROW(gpu::make_engine(sim::make_runtime({})), Error);
  unsetenv("OPENSWIRL_GENERATED");
  gpu::Work work(engine, gpu_test::context());
  const gpu::ConstraintPrograms programs(work, test.vk);
  gpu::GeneratedConstraints generated(engine, test.vk, programs);
  try {
    generated.request(test.inputs.shape, *work.context().cancel);
    FAIL() << "no compiler, and no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), FailureKind::kUnsupported);
    EXPECT_NE(std::string(error.what()).find("OPENSWIRL_GENERATED"), std::string::npos);
  }
  // Nobody insists: the interpreter.
  setenv("OPENSWIRL_GENERATED", "on", 1);
  const auto silent = gpu::make_engine(sim::make_runtime({}));
  unsetenv("OPENSWIRL_GENERATED");
  gpu::GeneratedConstraints none(silent, test.vk, programs);
  none.request(test.inputs.shape, *work.context().cancel);
  EXPECT_EQ(none.air(0), nullptr);
}

// The texts in the tree, which the tools check as Metal and compile as CUDA, are those that are written.
TEST(GeneratedConstraints, TextsAreThoseOfTheTree) {
  const auto expect_text = [](const std::string& name, const AirVk& air) {
    const std::filesystem::path file = std::filesystem::path(OPENSWIRL_GENERATED_KERNELS) / (name + ".metal");
    std::string text = "#include \"generated.h\"\n\n";
    const gpu::GeneratedText written(air);
    for (const auto& kernel : written.text.kernels) text += kernel.text;
    std::stringstream recorded;
    recorded << std::ifstream(file).rdbuf();
    if (recorded.str() == text) return;
    const std::filesystem::path seen = std::filesystem::temp_directory_path() / (name + ".metal");
    std::ofstream(seen) << text;
    ADD_FAILURE() << file << " is not what is written now, which is in " << seen;
  };
  expect_text("keccakf", VectorCase("keccakf_2").vk.airs[0]);
  gpu_test::RandomAir random;
  random.operations = 250, random.outputs = 25;
  expect_text("random_air", random.make(5, true));
}
