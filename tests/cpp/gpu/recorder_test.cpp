// Ordering by byte ranges, deferred execution, reads of undefined memory, abandoned work.
#include "gpu/recorder.h"

#include <optional>

#include "devices.h"
#include "forwarding_runtime.h"
#include "googletest.h"

using namespace openswirl;

namespace {

// A runtime that keeps what was submitted.
class Listener final : public gpu_test::ForwardingRuntime {
 public:
  using ForwardingRuntime::ForwardingRuntime;
  Result<gpu::Submission> submit(std::vector<gpu::Command> commands) override {
    barriers.clear();
    for (const gpu::Command& command : commands) barriers.push_back(command.after_barrier);
    return ForwardingRuntime::submit(std::move(commands));
  }

  std::vector<bool> barriers;
};

gpu::Range memory(gpu::Runtime& runtime, uint64_t words) {
  return {runtime.allocate(4 * words, true).take(), 0, 4 * words};
}

}  // namespace

TEST(GpuRecorder, BarriersWhereRangesConflict) {
  const auto listener = std::make_shared<Listener>(sim::make_runtime({}));
  gpu::Recorder recorder(listener, {});
  const gpu::Range a = memory(*listener, 64), b = memory(*listener, 64);
  recorder.fill(a.part(0, 64), 1);
  recorder.fill(a.part(64, 64), 2);              // beside it
  recorder.copy(a.part(0, 64), b.part(0, 64));   // reads what was written: barrier
  recorder.copy(a.part(0, 64), b.part(64, 64));  // reads it too
  recorder.fill(a.part(32, 4), 3);               // writes what is read: barrier
  recorder.fill(a.part(32, 4), 4);               // writes what is written: barrier
  recorder.wait(gpu_test::context());
  EXPECT_EQ(listener->barriers, (std::vector<bool>{false, false, true, false, true, true}));
  EXPECT_EQ(recorder.activity().waits, 1u);
}

// Kernels that bind a range together, of which each writes the first eight words of its own part.
TEST(GpuRecorder, DisjointWritesHaveNoBarrierAmongThemselves) {
  const auto listener = std::make_shared<Listener>(sim::make_runtime({}));
  gpu::Recorder recorder(listener, {});
  const gpu::Range results = memory(*listener, 24), pairs = memory(*listener, 2),
                   factors = memory(*listener, 2);
  recorder.fill(pairs, 0);
  recorder.fill(factors, 0);
  recorder.fill(results, 1);
  recorder.submit();
  std::vector<bool> expected;
  const auto write = [&](uint64_t first, uint64_t words, bool after_barrier) {
    const gpu::Range out = results.part(4 * first, 4 * words);
    recorder.threads(gpu::calls::FieldBase{pairs, factors, out, {1}}.call(), 1);
    expected.push_back(after_barrier);
  };
  write(0, 24, false);
  write(8, 16, true);
  {
    const gpu::Recorder::DisjointWrites disjoint(recorder, results);
    EXPECT_THROW((gpu::Recorder::DisjointWrites{recorder, results}), Error);
    write(0, 24, true);  // after what was there before
    write(8, 16, false);
    recorder.fill(pairs, 0);  // which they read
    expected.push_back(true);
    write(16, 8, true);
    write(8, 16, false);
    recorder.copy(results.part(32, 4), results.part(0, 4));  // is no dispatch
    expected.push_back(true);
    write(0, 24, true);
    recorder.fill(results.part(92, 4), 1);
    expected.push_back(true);
    write(8, 16, true);
    write(0, 24, false);
    recorder.threads(gpu::calls::FieldBase{results.part(0, 8), factors, results.part(64, 32), {1}}.call(), 1);
    expected.push_back(true);  // reads what others write
  }
  write(16, 8, true);
  write(0, 16, false);
  {
    const gpu::Recorder::DisjointWrites disjoint(recorder, results.part(0, 64));
    write(0, 16, true);
    write(8, 8, false);
    write(8, 16, true);  // also writes where it says nothing of
  }
  {
    const gpu::Recorder::DisjointWrites disjoint(recorder, results);
    write(0, 24, true);
    write(8, 16, false);
  }
  {
    const gpu::Recorder::DisjointWrites others(recorder, results);
    write(0, 24, true);
  }
  recorder.wait(gpu_test::context());
  EXPECT_EQ(listener->barriers, expected);
}

TEST(GpuRecorder, ResultsComeWithTheWait) {
  const auto runtime = sim::make_runtime({});
  gpu::Recorder recorder(runtime, {});
  const gpu::Range a = memory(*runtime, 4);
  uint32_t words[4] = {9, 9, 9, 9};
  recorder.fill(a, 5);
  recorder.download(a, std::as_writable_bytes(std::span(words)));
  recorder.submit();
  EXPECT_EQ(words[0], 9u);
  recorder.wait(gpu_test::context());
  EXPECT_EQ(words[3], 5u);
}

// A wait for the first of two submissions, with commands of a third recorded meanwhile.
TEST(GpuRecorder, WaitsForWhatWasSubmittedByThen) {
  const auto runtime = sim::make_runtime({});
  gpu::Recorder recorder(runtime, {});
  const gpu::Range a = memory(*runtime, 1), pairs = memory(*runtime, 2), out = memory(*runtime, 8);
  uint32_t words[3] = {9, 9, 9};
  const auto step = [&](size_t i) {
    recorder.fill(a, static_cast<uint32_t>(i));
    const size_t mark = recorder.mark();
    recorder.download(a, std::as_writable_bytes(std::span(&words[i], 1)));
    return mark;
  };
  EXPECT_EQ(step(0), 0u);
  recorder.submit();
  const uint64_t first = recorder.submitted();
  EXPECT_EQ(step(1), 1u);
  recorder.fill(pairs, 0);
  recorder.threads(gpu::calls::FieldBase{pairs, pairs, out, {1}}.call(), 1);
  recorder.submit();
  EXPECT_EQ(step(2), 2u);
  EXPECT_EQ(recorder.wait_until(first, gpu_test::context()).size(), 1u);
  EXPECT_EQ(words[0], 0u);
  EXPECT_EQ(words[1], 9u);
  EXPECT_EQ(recorder.finished().dispatches, 0u);
  EXPECT_EQ(recorder.activity().dispatches, 1u);
  EXPECT_TRUE(recorder.wait_until(first, gpu_test::context()).size() == 1u)
      << "what has passed is told again";
  EXPECT_EQ(recorder.activity().waits, 1u) << "nothing was left to wait for";
  const std::vector<double> times = recorder.wait(gpu_test::context());
  EXPECT_EQ(times.size(), 3u);
  EXPECT_LE(times[0], times[2]);
  EXPECT_EQ(words[1], 1u);
  EXPECT_EQ(words[2], 2u);
  EXPECT_EQ(recorder.finished().dispatches, 1u);
  EXPECT_EQ(recorder.finished().waits, 2u);
  EXPECT_EQ(recorder.mark(), 0u) << "marks are counted anew";
}

// Arguments that come after the dispatch is recorded, and before it is submitted.
TEST(GpuRecorder, ArgumentsGivenLater) {
  const auto runtime = sim::make_runtime({});
  gpu::Recorder recorder(runtime, {});
  const gpu::Range pairs = memory(*runtime, 4), out = memory(*runtime, 16);
  recorder.fill(pairs, 0);
  recorder.fill(out, 7);
  recorder.threads(gpu::calls::FieldBase{pairs, pairs, out, {1}}.call(), 1);
  const size_t dispatch = recorder.last_dispatch();
  recorder.fill(pairs, 0);
  recorder.give_args(dispatch, gpu::FieldArgs{0});
  uint32_t words[16];
  recorder.download(out, std::as_writable_bytes(std::span(words)));
  EXPECT_THROW(recorder.give_args(dispatch + 1, gpu::FieldArgs{1}), Error) << "a fill";
  EXPECT_THROW(recorder.give_args(dispatch, uint64_t{1}), Error) << "of another size";
  recorder.wait(gpu_test::context());
  EXPECT_EQ(words[0], 7u) << "the kernel has nothing to do";
  EXPECT_THROW(recorder.give_args(dispatch, gpu::FieldArgs{1}), Error) << "it is submitted";
}

TEST(GpuRecorder, UndefinedMemoryIsNotRead) {
  const auto runtime = sim::make_runtime({});
  gpu::Recorder recorder(runtime, {});
  const gpu::Range a = memory(*runtime, 8);
  uint32_t words[8];
  recorder.fill(a, 1);
  recorder.discard(a.part(8, 4));
  recorder.download(a, std::as_writable_bytes(std::span(words)));
  try {
    recorder.wait(gpu_test::context());
    FAIL() << "read undefined memory";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), FailureKind::kDevice);
    EXPECT_CONTAINS(error.what(), "reads word 2 of 8, which nobody wrote");
  }
}

TEST(GpuRecorder, AbandonedWorkTouchesNothing) {
  const auto runtime = sim::make_runtime({});
  uint32_t words[4] = {9, 9, 9, 9};
  const gpu::Range a = memory(*runtime, 4);
  {
    gpu::Recorder recorder(runtime, {});
    recorder.fill(a, 5);
    recorder.download(a, std::as_writable_bytes(std::span(words)));
    recorder.submit();
  }
  gpu::Recorder other(runtime, {});
  other.fill(memory(*runtime, 4), 1);
  other.wait(gpu_test::context());
  EXPECT_EQ(words[0], 9u);
}

TEST(GpuRecorder, CancelledWork) {
  const auto runtime = sim::make_runtime({});
  gpu::Recorder recorder(runtime, {});
  recorder.fill(memory(*runtime, 4), 5);
  const Context context = gpu_test::context();
  context.cancel->cancel();
  try {
    recorder.wait(context);
    FAIL() << "not cancelled";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), FailureKind::kCancelled);
  }
}

TEST(GpuRecorder, MistakesOfCallers) {
  const auto runtime = sim::make_runtime({});
  gpu::Recorder recorder(runtime, {});
  const gpu::Range a = memory(*runtime, 4);
  EXPECT_THROW(recorder.fill(a.part(8, 12), 0), Error);
  EXPECT_THROW(recorder.copy(a.part(0, 8), a.part(4, 8)), Error);
  EXPECT_THROW(recorder.threads(gpu::calls::FieldPermute{a.part(0, 20), {1}}.call(), 1), Error);
}

// What one caller gave back while its commands were not submitted must not come into the hands of another,
// whose commands would run before them.
TEST(GpuPool, OthersGetMemoryOnceWhatUsedItIsSubmitted) {
  const auto runtime = sim::make_runtime({});
  const auto pool = std::make_shared<gpu::Pool>(runtime);
  const Context context = gpu_test::context();
  gpu::Recorder first(runtime, {}), second(runtime, {});
  const gpu::Memory* given_back = nullptr;
  {
    const gpu::Array scratch = pool->words(context, first, 16, "scratch");
    given_back = scratch.range().memory.get();
    first.fill(scratch.range(), 1);
  }
  const gpu::Array kept = pool->words(context, second, 16, "kept");
  second.fill(kept.range(), 2);
  second.submit();
  first.wait(context);
  std::vector<uint32_t> words(16);
  second.download(kept.range(), std::as_writable_bytes(std::span(words)));
  second.wait(context);
  EXPECT_EQ(words, std::vector<uint32_t>(16, 2));
  // Now it is free for everybody, and so is what a recorder takes with it that never submits.
  EXPECT_EQ(pool->words(context, second, 16, "again").range().memory.get(), given_back);
  const gpu::Memory* dropped = nullptr;
  {
    gpu::Recorder third(runtime, {});
    const gpu::Array scratch = pool->words(context, third, 1000, "dropped");
    dropped = scratch.range().memory.get();
    third.fill(scratch.range(), 3);
  }
  EXPECT_EQ(pool->words(context, first, 1000, "again").range().memory.get(), dropped);
  // And what outlives its recorder.
  std::optional<gpu::Recorder> fourth(std::in_place, runtime, gpu::Tuning{});
  std::optional<gpu::Array> left(pool->words(context, *fourth, 2000, "left"));
  const gpu::Memory* const outlived = left->range().memory.get();
  fourth.reset();
  left.reset();
  EXPECT_EQ(pool->words(context, first, 2000, "again").range().memory.get(), outlived);
}

TEST(GpuPool, ReusesAndMeters) {
  const auto runtime = sim::make_runtime({});
  const auto pool = std::make_shared<gpu::Pool>(runtime);
  gpu::Recorder recorder(runtime, {});
  const Context context = gpu_test::context();
  const gpu::Memory* first = nullptr;
  {
    const gpu::Array array = pool->words(context, recorder, 1000, "test");
    first = array.range().memory.get();
    EXPECT_EQ(array.range().bytes, 4000u);
    EXPECT_EQ(context.meter->current(), 4000u);
  }
  EXPECT_EQ(context.meter->current(), 0u);
  const gpu::Array again = pool->words(context, recorder, 990, "test");
  EXPECT_EQ(again.range().memory.get(), first);
}
