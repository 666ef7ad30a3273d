// The CUDA runtime on the tests' driver: orders, copies, times, the names of failures, what is left behind.
#include "cuda/runtime.h"

#include <sys/wait.h>

#include <array>
#include <chrono>
#include <numeric>

#include "devices.h"
#include "googletest.h"
#include "gpu/device.h"
#include "gpu/engine.h"
#include "hash/poseidon2.h"

using namespace openswirl;
using cuda_test::fake;

namespace {

class CudaRuntime : public testing::Test {
 protected:
  CudaRuntime() {
    setenv("OPENSWIRL_CACHE_DIR", cache_.path().c_str(), 1);
    runtime_ = cuda_test::make_runtime();
  }
  gpu::Recorder recorder() const { return {runtime_, {}}; }

  cuda_test::Folder cache_;
  std::shared_ptr<gpu::Runtime> runtime_;
};

Failure failure_of(const auto& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.failure();
  }
  return {};
}

std::span<std::byte> bytes(auto& values) { return std::as_writable_bytes(std::span(values)); }

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

TEST_F(CudaRuntime, SaysWhatItIs) {
  const gpu::RuntimeInfo& info = runtime_->info();
  EXPECT_EQ(info.name, "cuda:0");
  EXPECT_EQ(info.description, "Fake 0, sm_90, 4 multiprocessors, driver for CUDA 13.0, NVRTC 13.0");
  EXPECT_FALSE(info.unified_memory);
  EXPECT_EQ(info.memory_bytes, uint64_t{1} << 34);
}

// Sizes on both sides of the limit of what passes through pinned memory.
TEST_F(CudaRuntime, CopiesOfEverySizeInTheirOrder) {
  for (const uint64_t words : {uint64_t{1}, uint64_t{1000}, uint64_t{1} << 20, (uint64_t{1} << 20) + 1}) {
    gpu::Recorder recorder = this->recorder();
    const gpu::Range a = cuda_test::memory(*runtime_, words), b = cuda_test::memory(*runtime_, words);
    std::vector<uint32_t> sent(words), first(words), second(words), third(words);
    std::iota(sent.begin(), sent.end(), 7u);
    const std::vector<uint32_t> expected = sent;
    recorder.upload(std::as_bytes(std::span(sent)), a);
    std::fill(sent.begin(), sent.end(), 0u);  // it was copied
    recorder.copy(a, b);
    recorder.download(a, bytes(first));
    recorder.fill(a, 9);
    recorder.download(b, bytes(second));
    recorder.download(a, bytes(third));
    recorder.submit();
    // Larger ones are copied at once.
    if (words <= 1 << 20) {
      EXPECT_EQ(first, std::vector<uint32_t>(words)) << "written before the wait";
    }
    recorder.wait(cuda_test::context());
    EXPECT_EQ(first, expected);
    EXPECT_EQ(second, expected);
    EXPECT_EQ(third, std::vector<uint32_t>(words, 9));
  }
}

TEST_F(CudaRuntime, RunsKernels) {
  const auto engine = gpu::make_engine(runtime_);
  gpu::Work work(engine, cuda_test::context());
  const std::vector<Fp> pairs = {Fp::from_u32(3), Fp::from_u32(5)};
  const std::vector<uint32_t> factor = {5, static_cast<uint32_t>((uint64_t{5} << 32) / Fp::kModulus)};
  const gpu::Array in = work.upload(std::span(pairs), "pairs");
  const gpu::Array known = work.upload(std::span(factor), "factors");
  const gpu::Array out = work.words(8, "results");
  work.recorder().threads(gpu::calls::FieldBase{in.range(), known.range(), out.range(), {1}}.call(), 1);
  std::vector<Fp> got(8);
  work.recorder().download(out.range(), bytes(got));
  work.wait();
  EXPECT_EQ(got[0], Fp::from_u32(8));
  EXPECT_EQ(got[2], Fp::from_u32(15));
}

TEST_F(CudaRuntime, TestsItself) {
  EXPECT_TRUE(gpu::make_device(runtime_)->self_test(cuda_test::context()).ok());
}

// The tests' driver knows the kernels of the manifest only; what matters is that a text has handles of its
// own.
TEST_F(CudaRuntime, RunsKernelsOfATextAndKeepsThem) {
  EXPECT_EQ(runtime_->cannot_compile(), "");
  const gpu::KernelText text{
      "of a test",
      "kernel text",
      {{"field_permute_multiply", {{"states", gpu::Access::kReadWrite}}, sizeof(gpu::FieldArgs), 64, 0}}};
  const Context context = cuda_test::context();
  const int before = fake().compiled;
  const auto program = runtime_->compile(text, context).take();
  EXPECT_EQ(runtime_->compile(text, context).take()->kernels().size(), 1u);
  EXPECT_EQ(fake().compiled, before + 1);
  gpu::Recorder recorder = this->recorder();
  const gpu::Range states = cuda_test::memory(*runtime_, 16);
  recorder.fill(states, 0);
  recorder.threads(gpu::Call(program, 0, {states}, gpu::FieldArgs{1}), 1);
  SpongeState got{}, expected{};
  recorder.download(states, bytes(got));
  recorder.wait(context);
  poseidon2_permute(expected);
  EXPECT_EQ(got, expected);

  gpu::KernelText wrong = text;
  wrong.kernels[0].symbol = "no_such_kernel";
  const auto refused = runtime_->compile(wrong, context);
  ASSERT_FALSE(refused.ok());
  EXPECT_CONTAINS(refused.failure().message, "finding kernel no_such_kernel failed");
  context.cancel->cancel();
  EXPECT_EQ(runtime_->compile(text, context).failure().kind, FailureKind::kCancelled);
}

TEST_F(CudaRuntime, MarksHaveTimesOfTheHostsClock) {
  gpu::Recorder recorder = this->recorder();
  const gpu::Range range = cuda_test::memory(*runtime_, 1 << 16);
  for (int repeat = 0; repeat < 3; ++repeat) {
    const double before = now();
    recorder.mark();
    recorder.fill(range, 1);
    recorder.submit();
    recorder.fill(range, 2);
    recorder.mark();
    const std::vector<double> marks = recorder.wait(cuda_test::context());
    const double after = now();
    ASSERT_EQ(marks.size(), 2u);
    // Floats count the milliseconds since the last wait.
    EXPECT_GE(marks[0], before - 1e-4);
    EXPECT_GE(marks[1], marks[0]);
    EXPECT_LE(marks[1], after + 1e-4);
  }
}

TEST_F(CudaRuntime, NamesTheCallThatFailed) {
  const gpu::Range range = cuda_test::memory(*runtime_, 16);
  std::array<uint32_t, 16> host{};
  const struct {
    const char* entry;
    const char* text;
    std::function<void(gpu::Recorder&)> record;
  } cases[] = {
      {"cuMemsetD32Async", "cuMemsetD32Async of 64 bytes failed: CUDA_ERROR_INVALID_VALUE (no text)",
       [&](gpu::Recorder& recorder) { recorder.fill(range, 1); }},
      {"cuMemcpyHtoDAsync", "cuMemcpyHtoDAsync of 64 bytes failed",
       [&](gpu::Recorder& recorder) { recorder.upload(std::as_bytes(std::span(host)), range); }},
      {"cuMemcpyDtoHAsync", "cuMemcpyDtoHAsync of 64 bytes failed",
       [&](gpu::Recorder& recorder) { recorder.download(range, bytes(host)); }},
      {"cuMemcpyDtoDAsync", "cuMemcpyDtoDAsync of 32 bytes failed",
       [&](gpu::Recorder& recorder) { recorder.copy(range.part(0, 32), range.part(32, 32)); }},
      {"cuLaunchKernel", "launching kernel field_permute_multiply failed",
       [&](gpu::Recorder& recorder) { recorder.threads(gpu::calls::FieldPermute{range, {1}}.call(), 1); }},
      {"cuEventRecord", "cuEventRecord failed", [&](gpu::Recorder& recorder) { recorder.fill(range, 1); }},
      {"cuEventQuery", "running copies failed", [&](gpu::Recorder& recorder) { recorder.fill(range, 1); }},
  };
  for (const auto& failing : cases) {
    gpu::Recorder recorder = this->recorder();
    failing.record(recorder);
    fake().fail_entry = failing.entry, fake().fail_after = 0, fake().fail_code = 1;
    const Failure failure = failure_of([&] { recorder.wait(cuda_test::context()); });
    EXPECT_EQ(failure.kind, FailureKind::kDevice);
    EXPECT_CONTAINS(failure.message, failing.text);
    EXPECT_EQ(fake().fail_entry, nullptr) << failing.entry << " was not called";
    fake().fail_entry = nullptr;
  }
  // The device still works.
  gpu::Recorder recorder = this->recorder();
  recorder.fill(range, 5);
  recorder.download(range, bytes(host));
  recorder.wait(cuda_test::context());
  EXPECT_EQ(host[15], 5u);
}

TEST_F(CudaRuntime, NamesTheKernelThatLostTheDevice) {
  const gpu::Range range = cuda_test::memory(*runtime_, 16);
  gpu::Recorder recorder = this->recorder();
  recorder.threads(gpu::calls::FieldPermute{range, {1}}.call(), 1);
  fake().fail_kernel = "field_permute_multiply";
  const Failure failure = failure_of([&] { recorder.wait(cuda_test::context()); });
  EXPECT_EQ(failure.kind, FailureKind::kDevice);
  EXPECT_EQ(failure.message,
            "running kernel field_permute_multiply failed: CUDA_ERROR_ILLEGAL_ADDRESS (an illegal memory "
            "access was encountered); this process can use the device no more, start a new one");
  const Failure later = failure_of([&] {
    recorder.fill(range, 1);
    recorder.wait(cuda_test::context());
  });
  EXPECT_CONTAINS(later.message, "CUDA_ERROR_ILLEGAL_ADDRESS");
  fake().lost = 0, fake().fail_kernel = nullptr;
}

TEST_F(CudaRuntime, OutOfMemoryIsItsOwnFailure) {
  fake().memory_limit = fake().device_bytes + 1000;
  const auto result = runtime_->allocate(2000, false);
  fake().memory_limit = uint64_t{1} << 40;
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.failure().kind, FailureKind::kOutOfMemory);
  EXPECT_CONTAINS(result.failure().message,
                  "allocating 2000 bytes of device memory failed: CUDA_ERROR_OUT_OF_MEMORY");
}

TEST_F(CudaRuntime, NothingIsWrittenAfterACancellation) {
  const gpu::Range range = cuda_test::memory(*runtime_, 16);
  std::vector<uint32_t> host(16, 3);
  Context context = cuda_test::context();
  {
    gpu::Recorder recorder = this->recorder();
    recorder.fill(range, 1);
    recorder.download(range, bytes(host));
    fake().stuck = true;
    context.cancel->cancel();
    EXPECT_EQ(failure_of([&] { recorder.wait(context); }).kind, FailureKind::kCancelled);
    gpu::Recorder other = this->recorder();
    other.fill(range, 2);
    other.download(range, bytes(host));
    other.submit();  // nobody waits for it
  }
  fake().stuck = false;
  gpu::Recorder recorder = this->recorder();
  std::vector<uint32_t> now(16);
  recorder.download(range, bytes(now));
  recorder.wait(cuda_test::context());
  EXPECT_EQ(now, std::vector<uint32_t>(16, 2));
  EXPECT_EQ(host, std::vector<uint32_t>(16, 3));
}

TEST_F(CudaRuntime, GivesUpADeviceThatHangs) {
  setenv("OPENSWIRL_CUDA_TIMEOUT", "0.05", 1);
  auto slow = cuda_test::make_runtime();
  setenv("OPENSWIRL_CUDA_TIMEOUT", "soon", 1);
  EXPECT_EQ(failure_of([] { cuda_test::make_runtime(); }).kind, FailureKind::kInput);
  unsetenv("OPENSWIRL_CUDA_TIMEOUT");
  const double begin = now();
  {
    const gpu::Range range = cuda_test::memory(*slow, 16);
    gpu::Recorder recorder(slow, {});
    recorder.threads(gpu::calls::FieldPermute{range, {1}}.call(), 1);
    fake().stuck = true;
    const Failure failure = failure_of([&] { recorder.wait(cuda_test::context()); });
    EXPECT_EQ(failure.kind, FailureKind::kDevice);
    EXPECT_CONTAINS(failure.message, "cuda:0 has finished nothing for 0.05");
    EXPECT_CONTAINS(failure.message, "while running kernel field_permute_multiply; it is given up");
    recorder.fill(range, 1);
    EXPECT_CONTAINS(failure_of([&] { recorder.submit(); }).message, "it is given up");
  }
  slow.reset();
  EXPECT_LT(now() - begin, 10);
  fake().stuck = false;
}

TEST_F(CudaRuntime, LeavesNothingBehind) {
  runtime_.reset();
  const uint64_t device = fake().device_bytes, pinned = fake().pinned_bytes;
  const int events = fake().events;
  {
    const auto engine = gpu::make_engine(cuda_test::make_runtime());
    gpu::Work work(engine, cuda_test::context());
    const gpu::Array array = work.words(1000, "array");
    work.recorder().fill(array.range(), 1);
    work.recorder().mark();
    work.wait();
    work.recorder().fill(array.range(), 2);
    work.recorder().mark();
    work.recorder().submit();
  }
  EXPECT_EQ(fake().device_bytes, device);
  EXPECT_EQ(fake().pinned_bytes, pinned);
  EXPECT_EQ(fake().events, events);
}

TEST_F(CudaRuntime, IsOfNoUseAfterAFork) {
  const gpu::Range range = cuda_test::memory(*runtime_, 16);
  const int calls = fake().calls;
  const pid_t child = fork();
  if (child == 0) {
    const auto allocated = runtime_->allocate(64, false);
    gpu::Recorder recorder = this->recorder();
    recorder.fill(range, 1);
    const Failure submitted = failure_of([&] { recorder.submit(); });
    const auto opened = make_cuda_backend()->open(0);
    const bool named = !allocated.ok() && !opened.ok() &&
                       allocated.failure().message.find("forked") != std::string::npos &&
                       submitted.message.find("forked") != std::string::npos &&
                       opened.failure().message.find("spawn") != std::string::npos;
    runtime_.reset();  // nor does it touch the driver when it ends
    _exit(named && fake().calls == calls ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}
