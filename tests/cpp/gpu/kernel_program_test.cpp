// Kernels compiled at run time: dispatched, checked and ordered like those of the manifest.
#include "gpu/kernel_program.h"

#include "devices.h"
#include "googletest.h"
#include "host_compiler.h"

using namespace openswirl;

namespace {

struct ScaleArgs {
  uint32_t count, factor;
};

gpu::KernelText scaling_text() {
  gpu::KernelText text;
  text.name = "scaling";
  text.text = std::string(gpu::kernel_prelude()) + R"(
struct ScaleArgs { u32 count, factor; };
KERNEL(scale, 64, BUF(0, DEVICE const u32* in), BUF(1, DEVICE u32* out), ARGS(2, ScaleArgs, args)) {
  if (gpu_gid.x >= args.count) return;
  fp_store(out + gpu_gid.x, fp_mul(fp_load(in + gpu_gid.x), fp_word(args.factor)));
}
KERNEL(beyond, 64, BUF(0, DEVICE const u32* in), BUF(1, DEVICE u32* out), ARGS(2, ScaleArgs, args)) {
  gpu_store(out + gpu_gid.x, gpu_load(in + gpu_gid.x + args.count));
}
)";
  for (const char* symbol : {"scale", "beyond"}) {
    text.kernels.push_back(
        {symbol, {{"in", gpu::Access::kRead}, {"out", gpu::Access::kWrite}}, sizeof(ScaleArgs), 64, 0});
  }
  return text;
}

}  // namespace

TEST(KernelProgram, RunsOnEverySchedule) {
  const auto compiled = host_compiler::compile(scaling_text());
  const Fp factor = Fp::from_u32(12345);
  std::vector<Fp> values;
  for (uint32_t i = 0; i < 100; ++i) values.push_back(Fp::from_u32(i * i + 3));
  for (const sim::Schedule& schedule : gpu_test::schedules()) {
    const auto runtime =
        sim::make_runtime({schedule, true, [&](const gpu::KernelText&) { return compiled; }});
    const auto engine = gpu::make_engine(runtime);
    gpu::Work work(engine, gpu_test::context());
    const auto program = engine->runtime->compile(scaling_text(), work.context()).take();
    const gpu::Array in = work.upload(std::span<const Fp>(values), "in"), out = work.words(100, "out");
    const auto scale = [&](const gpu::Range& from, const gpu::Range& to) {
      work.recorder().threads(gpu::Call(program, 0, {from, to}, ScaleArgs{100, factor.word()}), 100);
    };
    scale(in.range(), out.range());
    scale(out.range(), in.range());  // after the first: they conflict
    const std::vector<uint32_t> got = gpu_test::read(work, in.range());
    for (size_t i = 0; i < 100; ++i) EXPECT_EQ(got[i], (values[i] * factor * factor).word());

    work.recorder().threads(gpu::Call(program, 1, {in.range(), out.range()}, ScaleArgs{64, 0}), 64);
    try {
      work.wait();
      FAIL() << "read beyond its buffer";
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("kernel beyond"), std::string::npos) << error.what();
    }
  }
}

TEST(KernelProgram, RefusesWhatIsNotThere) {
  const auto without = sim::make_runtime({});
  EXPECT_NE(without->cannot_compile(), "");
  EXPECT_EQ(without->compile(scaling_text(), gpu_test::context()).failure().kind, FailureKind::kUnsupported);

  const auto runtime = sim::make_runtime({{}, true, host_compiler::compile});
  EXPECT_EQ(runtime->cannot_compile(), "");
  gpu::KernelText text = scaling_text();
  text.text += "not a kernel\n";
  const auto wrong = runtime->compile(text, gpu_test::context());
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.failure().kind, FailureKind::kDevice);
  EXPECT_NE(wrong.failure().message.find("scaling: "), std::string::npos);

  text = scaling_text();
  text.kernels[1].args_bytes = 4;
  EXPECT_EQ(runtime->compile(text, gpu_test::context()).failure().kind, FailureKind::kInternal);
}
