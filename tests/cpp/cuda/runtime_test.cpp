// The CUDA runtime on the tests' driver: orders, copies, times, the names of failures, what is left behind.
#include "cuda/runtime.h"

#include <sys/wait.h>

#include <array>
#include <chrono>
#include <cstring>
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
  ~CudaRuntime() override { fake().newest_first = false; }
  gpu::Recorder recorder() const { return {runtime_, {}}; }
  // Freeing memory waits for the device: nothing of other tests is left.
  void settle() const { cuda_test::memory(*runtime_, 1); }

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

// States of 16 words, beside each other.
constexpr uint64_t kStateBytes = 64;
gpu::Call permute(const gpu::Range& states, uint64_t number) {
  return gpu::calls::FieldPermute{states.part(kStateBytes * number, kStateBytes), {1}}.call();
}
// What such a state is after so many permutations.
SpongeState permuted(int times, SpongeState state = {}) {
  for (int i = 0; i < times; ++i) poseidon2_permute(state);
  return state;
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

// If side streams did not wait for what is before a fork, they would run too early where the newest stream
// goes first; if the main one did not wait for them, it would where the oldest does.
TEST_F(CudaRuntime, IndependentDispatchesRunSideBySide) {
  constexpr uint64_t kStates = 5;
  for (const bool newest_first : {false, true}) {
    SCOPED_TRACE(newest_first);
    fake().newest_first = newest_first;
    const auto runtime = cuda_test::make_runtime();
    const int streams = fake().streams, waits = fake().stream_waits;
    const gpu::Range states = cuda_test::memory(*runtime, 16 * kStates);
    const gpu::Range copied = cuda_test::memory(*runtime, 16 * kStates);
    std::vector<SpongeState> once(kStates), twice(kStates), thrice(kStates), sent(kStates), read(kStates);
    gpu::Recorder recorder(runtime, {});
    const auto permute_all = [&] {
      for (uint64_t i = 0; i < kStates; ++i) recorder.threads(permute(states, i), 1);
    };
    recorder.fill(states, 0);
    permute_all();
    recorder.copy(states, copied);
    permute_all();
    recorder.download(states, bytes(twice));
    permute_all();
    const size_t mark = recorder.mark();
    recorder.download(states, bytes(thrice));
    permute_all();
    for (SpongeState& state : sent) state.fill(Fp::one());
    recorder.upload(std::as_bytes(std::span(sent)), states);
    recorder.download(states, bytes(read));
    recorder.download(copied, bytes(once));
    EXPECT_EQ(recorder.wait(cuda_test::context()).size(), mark + 1);
    EXPECT_EQ(once, std::vector(kStates, permuted(1)));
    EXPECT_EQ(twice, std::vector(kStates, permuted(2)));
    EXPECT_EQ(thrice, std::vector(kStates, permuted(3)));
    EXPECT_EQ(read, sent);
    EXPECT_EQ(fake().streams - streams, 3);
    EXPECT_EQ(fake().stream_waits - waits, 4 * (3 + 3));
  }
}

TEST_F(CudaRuntime, ASubmissionEndsWithWhatItForked) {
  settle();
  const gpu::Range states = cuda_test::memory(*runtime_, 32);
  gpu::Recorder recorder = this->recorder();
  recorder.fill(states, 0);
  for (const uint64_t number : {0, 1}) recorder.threads(permute(states, number), 1);
  recorder.wait(cuda_test::context());
  EXPECT_EQ(fake().waiting, 0);
  SpongeState got[2];
  std::memcpy(got, reinterpret_cast<const void*>(states.address()), sizeof got);
  EXPECT_EQ(got[0], permuted(1));
  EXPECT_EQ(got[1], permuted(1));
}

TEST_F(CudaRuntime, ForksOnlyWhatLeavesRoom) {
  const auto room = static_cast<uint64_t>(4 * fake().threads_per_multiprocessor / 64);  // groups
  EXPECT_EQ(runtime_->info().tuning_threads, 64 * room);
  const gpu::Range states = cuda_test::memory(*runtime_, 64);
  struct Dispatch {
    uint64_t number, groups;
  };
  const auto forks = [&](std::initializer_list<Dispatch> dispatches) {
    gpu::Recorder recorder = this->recorder();
    const int before = fake().stream_waits;
    recorder.fill(states, 0);
    for (const auto& [number, groups] : dispatches) recorder.groups(permute(states, number), groups);
    recorder.wait(cuda_test::context());
    return (fake().stream_waits - before) / 2;
  };
  EXPECT_EQ(forks({{0, 1}}), 0);
  EXPECT_EQ(forks({{0, 1}, {1, 1}}), 1);
  EXPECT_EQ(forks({{0, room}, {1, room}}), 1);
  EXPECT_EQ(forks({{0, room + 1}, {1, room + 1}}), 0);
  EXPECT_EQ(forks({{0, 2 * room}, {1, 1}, {2, room - 1}}), 2);
  EXPECT_EQ(forks({{0, 1}, {1, 2 * room}, {2, room}}), 0);
  // The second one waits for the first one.
  EXPECT_EQ(forks({{0, 1}, {0, 1}}), 0);
  EXPECT_EQ(forks({{0, 1}, {0, 1}, {1, 1}}), 1);
  setenv("OPENSWIRL_KERNEL_TIMES", "on", 1);
  EXPECT_EQ(forks({{0, 1}, {1, 1}}), 0);
  unsetenv("OPENSWIRL_KERNEL_TIMES");
}

// Memory that a failed submission named is free for others as soon as it has failed.
TEST_F(CudaRuntime, NothingRunsAfterAFailureInAFork) {
  settle();
  const struct {
    const char* entry;
    int after;
    const char* text;
  } cases[] = {
      {"cuEventCreate", 0, "cuEventCreate failed: CUDA_ERROR_INVALID_VALUE (no text)"},
      {"cuEventCreate", 2, "cuEventCreate failed"},
      {"cuStreamCreate", 0, "cuStreamCreate failed"},
      {"cuStreamCreate", 2, "cuStreamCreate failed"},
      {"cuEventRecord", 0, "cuEventRecord failed"},
      {"cuLaunchKernel", 0, "launching kernel field_permute_multiply failed"},
      {"cuStreamWaitEvent", 0, "cuStreamWaitEvent failed"},
      {"cuLaunchKernel", 1, "launching kernel field_permute_multiply failed"},
      {"cuStreamWaitEvent", 1, "cuStreamWaitEvent failed"},
      {"cuLaunchKernel", 3, "launching kernel field_permute_multiply failed"},
      {"cuEventRecord", 1, "cuEventRecord failed"},
      {"cuStreamWaitEvent", 3, "cuStreamWaitEvent failed"},
      {"cuEventRecord", 3, "cuEventRecord failed"},
      {"cuStreamWaitEvent", 5, "cuStreamWaitEvent failed"},
      {"cuEventRecord", 4, "cuEventRecord failed"},  // the end of the submission
  };
  for (const auto& failing : cases) {
    SCOPED_TRACE(std::string(failing.entry) + " " + std::to_string(failing.after));
    const auto runtime = cuda_test::make_runtime();
    const gpu::Range states = cuda_test::memory(*runtime, 64);
    for (const bool fails : {true, false}) {
      gpu::Recorder recorder(runtime, {});
      recorder.fill(states, 0);
      for (const uint64_t number : {0, 1, 2, 3}) recorder.threads(permute(states, number), 1);
      if (!fails) {
        std::vector<SpongeState> got(4);
        recorder.download(states, bytes(got));
        recorder.wait(cuda_test::context());
        EXPECT_EQ(got, std::vector(4, permuted(1)));
        continue;
      }
      fake().fail_entry = failing.entry, fake().fail_after = failing.after, fake().fail_code = 1;
      const Failure failure = failure_of([&] { recorder.submit(); });
      EXPECT_EQ(failure.kind, FailureKind::kDevice);
      EXPECT_CONTAINS(failure.message, failing.text);
      EXPECT_EQ(fake().fail_entry, nullptr) << "not called so often";
      fake().fail_entry = nullptr;
      EXPECT_EQ(fake().waiting, 0);
    }
  }
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
  const int events = fake().events, streams = fake().streams;
  {
    const auto engine = gpu::make_engine(cuda_test::make_runtime());
    gpu::Work work(engine, cuda_test::context());
    const gpu::Array array = work.words(1000, "array");
    const auto record = [&] {
      work.recorder().fill(array.range(), 1);
      for (const uint64_t number : {0, 1, 2}) work.recorder().threads(permute(array.range(), number), 1);
      work.recorder().mark();
    };
    record();
    work.wait();
    EXPECT_GT(fake().streams, streams + 1);
    record();
    work.recorder().submit();
  }
  EXPECT_EQ(fake().device_bytes, device);
  EXPECT_EQ(fake().pinned_bytes, pinned);
  EXPECT_EQ(fake().events, events);
  EXPECT_EQ(fake().streams, streams);
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
