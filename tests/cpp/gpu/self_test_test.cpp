// The self-test of GPU devices: it runs every kernel of the manifest, passes in every order, and notices each
// kernel that does nothing.
#include "gpu/self_test.h"

#include "devices.h"
#include "forwarding_runtime.h"
#include "googletest.h"

using namespace openswirl;

namespace {

std::vector<std::string> all_symbols() {
  std::vector<std::string> symbols;
  for (const gpu::KernelInfo& info : gpu::kernel_infos()) {
    for (const gpu::VariantInfo& variant : info.variants) symbols.emplace_back(variant.symbol);
  }
  return symbols;
}

// Leaves out the dispatches of one kernel.
class Lazy final : public gpu_test::ForwardingRuntime {
 public:
  Lazy(std::shared_ptr<gpu::Runtime> runtime, std::string symbol)
      : ForwardingRuntime(std::move(runtime)), symbol_(std::move(symbol)) {}
  Result<gpu::Submission> submit(std::vector<gpu::Command> commands) override {
    std::erase_if(commands, [&](const gpu::Command& command) {
      const auto* dispatch = std::get_if<gpu::DispatchCommand>(&command.what);
      return dispatch && dispatch->call.info().variants[dispatch->variant].symbol == symbol_;
    });
    return ForwardingRuntime::submit(std::move(commands));
  }

 private:
  const std::string symbol_;
};

}  // namespace

TEST(GpuSelfTest, RunsEveryKernel) {
  for (const sim::Schedule& schedule : gpu_test::schedules()) {
    const auto runtime = sim::make_runtime({schedule, true});
    gpu::Work work(gpu::make_engine(runtime), gpu_test::context());
    gpu::run_self_test(work);
    const auto counts = runtime->counts();
    for (const std::string& symbol : all_symbols()) EXPECT_TRUE(counts.contains(symbol)) << symbol;
  }
}

TEST(GpuSelfTest, NoticesEveryKernelThatDoesNothing) {
  for (const std::string& symbol : all_symbols()) {
    // What is not computed is no word of the same computation before; and nobody but the test notices.
    setenv("OPENSWIRL_POOL", "off", 1);
    const auto engine = gpu::make_engine(std::make_shared<Lazy>(sim::make_runtime({{}, false}), symbol));
    unsetenv("OPENSWIRL_POOL");
    gpu::Work work(engine, gpu_test::context());
    try {
      gpu::run_self_test(work);
      ADD_FAILURE() << symbol << " was not missed";
    } catch (const Error& error) {
      EXPECT_CONTAINS(error.what(), "the device computes a wrong");
    }
  }
}
