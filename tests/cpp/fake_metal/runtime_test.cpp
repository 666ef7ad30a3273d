// The runtime interface as backends/metal fills it: order of commands, what the host reads when, command
// buffers of bounded size, marks, kernels of run time.
#include <sys/mman.h>

#include <thread>

#include "fake_device.h"
#include "host_compiler.h"
#include "open_runtime.h"

using namespace openswirl;
using fake_metal_test::FakeMetal;
using fake_metal_test::open_runtime;

namespace {

gpu::Range memory(gpu::Runtime& runtime, uint64_t words) {
  return {runtime.allocate(4 * words, true).take(), 0, 4 * words};
}

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

struct Four {
  uint32_t words[4] = {};
  std::span<std::byte> bytes() { return std::as_writable_bytes(std::span(words)); }
};

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
)";
  text.kernels.push_back(
      {"scale", {{"in", gpu::Access::kRead}, {"out", gpu::Access::kWrite}}, sizeof(ScaleArgs), 64, 0});
  return text;
}

}  // namespace

TEST_F(FakeMetal, CommandsSeeWhatTheyMust) {
  const auto runtime = open_runtime();
  gpu::Recorder recorder(runtime, {});
  const gpu::Range a = memory(*runtime, 4), b = memory(*runtime, 4);
  Four first, second, third;
  const uint32_t sent[4] = {9, 8, 7, 6};
  recorder.fill(a, 1);
  recorder.copy(a, b);
  recorder.download(a, first.bytes());
  recorder.upload(std::as_bytes(std::span(sent)), a);  // while the GPU still reads it
  recorder.download(a, second.bytes());
  recorder.fill(a, 3);
  recorder.download(b, third.bytes());
  recorder.wait(gpu_test::context());
  EXPECT_EQ(first.words[3], 1u);
  EXPECT_EQ(second.words[0], 9u);
  EXPECT_EQ(second.words[3], 6u);
  EXPECT_EQ(third.words[2], 1u);
}

TEST_F(FakeMetal, ResultsAreThoseOfTheirSubmission) {
  const auto runtime = open_runtime();
  gpu::Recorder recorder(runtime, {});
  const gpu::Range a = memory(*runtime, 4);
  Four first, second;
  recorder.fill(a, 1);
  recorder.download(a, first.bytes());
  recorder.submit();
  recorder.fill(a, 2);
  recorder.download(a, second.bytes());
  recorder.submit();
  EXPECT_EQ(first.words[0], 0u);  // not before somebody waits
  recorder.wait(gpu_test::context());
  EXPECT_EQ(first.words[0], 1u);
  EXPECT_EQ(second.words[0], 2u);
}

TEST_F(FakeMetal, CommandBuffersAreBounded) {
  const auto runtime = open_runtime();
  gpu::Recorder recorder(runtime, {});
  const gpu::Range a = memory(*runtime, 4);
  Four got;
  const fake_metal::Counts before = fake_metal::counts();
  for (uint32_t i = 0; i < 1000; ++i) recorder.fill(a, i);
  recorder.download(a, got.bytes());
  recorder.wait(gpu_test::context());
  EXPECT_EQ(got.words[0], 999u);
  EXPECT_EQ(fake_metal::counts().dispatches - before.dispatches, 1001u);
  EXPECT_LE(fake_metal::counts().most_dispatches, 64u);
  EXPECT_LE(fake_metal::counts().command_buffers - before.command_buffers, 16u);
}

TEST_F(FakeMetal, BarriersOnlyWhereCommandsConflict) {
  const auto runtime = open_runtime();
  gpu::Recorder recorder(runtime, {});
  const gpu::Range a = memory(*runtime, 64), b = memory(*runtime, 64);
  const uint64_t before = fake_metal::counts().barriers;
  recorder.fill(a.part(0, 64), 1);
  recorder.fill(a.part(64, 64), 2);
  recorder.copy(a.part(0, 64), b.part(0, 64));   // after the fills
  recorder.copy(a.part(0, 64), b.part(64, 64));  // beside it
  recorder.wait(gpu_test::context());
  EXPECT_EQ(fake_metal::counts().barriers - before, 1u);
}

TEST_F(FakeMetal, MarksAreTimesOfTheHost) {
  const auto runtime = open_runtime();
  gpu::Recorder recorder(runtime, {});
  const gpu::Range a = memory(*runtime, 1 << 16);
  const double start = now();
  recorder.mark();
  recorder.fill(a, 1);
  recorder.mark();
  recorder.mark();
  recorder.fill(a, 2);
  recorder.mark();
  const std::vector<double> marks = recorder.wait(gpu_test::context());
  ASSERT_EQ(marks.size(), 4u);
  EXPECT_LE(start, marks[0] + 1e-6);
  EXPECT_LT(marks[0], marks[1]);
  EXPECT_EQ(marks[1], marks[2]);
  EXPECT_LT(marks[2], marks[3]);
  EXPECT_LE(marks[3], now() + 1e-6);
}

TEST_F(FakeMetal, LendsWholePagesOnly) {
  const auto runtime = open_runtime();
  const auto page = static_cast<size_t>(getpagesize());
  void* pages = mmap(nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(pages, MAP_FAILED);
  auto* words = static_cast<uint32_t*>(pages);
  for (uint32_t i = 0; i < 2000; ++i) words[i] = i;
  {
    const auto lent = runtime->borrow(words, 8000, nullptr);
    ASSERT_TRUE(lent);
    EXPECT_EQ(lent->host(), words);
    EXPECT_EQ(lent->bytes(), 8000u);
    EXPECT_FALSE(runtime->borrow(words + 4, 4000, nullptr));
    gpu::Recorder recorder(runtime, {});
    const gpu::Range a = memory(*runtime, 2000);
    std::vector<uint32_t> got(2000);
    recorder.copy({lent, 0, 8000}, a);
    recorder.download(a, std::as_writable_bytes(std::span(got)));
    recorder.wait(gpu_test::context());
    EXPECT_EQ(got[1999], 1999u);
  }
  munmap(pages, 2 * page);
}

// What the host's bytes pass through is memory of the GPU too, and refused like any other.
TEST_F(FakeMetal, StagingMemoryCounts) {
  fake_metal::reset({.working_set = 8 << 20, .max_buffer = 8 << 20});
  const auto runtime = open_runtime();
  const gpu::Range a = memory(*runtime, 5 << 18);  // 5 MiB
  std::vector<std::byte> bytes(a.bytes);
  {
    gpu::Recorder recorder(runtime, {});
    recorder.download(a, bytes);
    try {
      recorder.submit();
      FAIL() << "not refused";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), FailureKind::kOutOfMemory);
      EXPECT_EQ(error.failure().need, uint64_t{8} << 20);  // kept for reuse, so in few sizes
      EXPECT_EQ(error.failure().have, uint64_t{3} << 20);
    }
  }
  gpu::Recorder recorder(runtime, {});
  recorder.fill(a, 7);
  recorder.download(a.part(0, 1 << 20), std::span(bytes).first(1 << 20));
  recorder.wait(gpu_test::context());
  EXPECT_EQ(bytes[0], std::byte{7});
  // Staging that nobody uses is given up for memory that is asked for.
  EXPECT_TRUE(runtime->allocate(3 << 20, false).ok());
}

TEST_F(FakeMetal, ACancelledWaitEndsWithTheGpuDone) {
  const auto runtime = open_runtime();
  gpu::Recorder recorder(runtime, {});
  Four got;
  const gpu::Range a = memory(*runtime, 4);
  recorder.fill(a, 5);
  recorder.download(a, got.bytes());
  const Context context = gpu_test::context();
  context.cancel->cancel();
  try {
    recorder.wait(context);
    FAIL() << "not cancelled";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), FailureKind::kCancelled);
  }
  EXPECT_EQ(got.words[0], 0u);
}

TEST_F(FakeMetal, SeveralThreadsShareADevice) {
  const auto runtime = open_runtime();
  std::vector<std::thread> threads;
  std::vector<Four> got(4);
  for (uint32_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      gpu::Recorder recorder(runtime, {});
      const gpu::Range a = memory(*runtime, 4);
      for (uint32_t i = 0; i < 20; ++i) {
        recorder.fill(a, 100 * t + i);
        recorder.download(a, got[t].bytes());
        recorder.wait(gpu_test::context(1));
        EXPECT_EQ(got[t].words[1], 100 * t + i);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(FakeMetal, CompilesTextsOfRunTime) {
  const auto runtime = open_runtime();
  EXPECT_EQ(runtime->cannot_compile(), "");
  const auto program = runtime->compile(scaling_text(), gpu_test::context()).take();
  gpu::Recorder recorder(runtime, {});
  const gpu::Range in = memory(*runtime, 4), out = memory(*runtime, 4);
  const Fp factor = Fp::from_u32(12345), value = Fp::from_u32(31);
  Four got;
  recorder.fill(in, value.word());
  recorder.threads(gpu::Call(program, 0, {in, out}, ScaleArgs{4, factor.word()}), 4);
  recorder.download(out, got.bytes());
  recorder.wait(gpu_test::context());
  EXPECT_EQ(got.words[3], (value * factor).word());

  const uint64_t compiled = fake_metal::counts().compiled_pipelines;
  runtime->compile(scaling_text(), gpu_test::context()).take();
  EXPECT_EQ(fake_metal::counts().compiled_pipelines, compiled);  // the second time from the disk

  gpu::KernelText wrong = scaling_text();
  wrong.text += "not a kernel\n";
  const auto refused = runtime->compile(wrong, gpu_test::context());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.failure().kind, FailureKind::kDevice);
  EXPECT_CONTAINS(refused.failure().message, "the kernels of scaling do not compile on fake Apple GPU");
}
