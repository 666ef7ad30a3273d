// Buffers, the memory meter and the span recorder.
#include "runtime/context.h"

#include <cstdlib>
#include <new>
#include <stdexcept>

#include "few_allocations.h"
#include "googletest.h"
#include "openswirl/result.h"

// Not inlined: GCC would compare what it sees of one with what it sees of the other.
__attribute__((noinline)) void* operator new(size_t bytes, const std::nothrow_t&) noexcept {
  const bool refused = allocations_left == 0;
  if (allocations_left > 0) --allocations_left;
  return refused ? nullptr : std::malloc(bytes);
}
__attribute__((noinline)) void* operator new(size_t bytes) {
  void* data = operator new(bytes, std::nothrow);
  if (!data) throw std::bad_alloc();
  return data;
}
__attribute__((noinline)) void operator delete(void* data) noexcept { std::free(data); }
__attribute__((noinline)) void operator delete(void* data, size_t) noexcept { std::free(data); }

using namespace openswirl;

// Also without any memory.
TEST(Context, GuardTurnsEverythingIntoAFailure) {
  EXPECT_EQ(guard([] { return 7; }).take(), 7);
  const auto failed = [](auto body) { return guard(body).failure(); };
  const std::string text = "a text that is too long to fit into the string object itself";
  EXPECT_EQ(failed([&] { throw Error(FailureKind::kDevice, text); }).message, text);
  EXPECT_EQ(failed([&] { throw std::runtime_error(text); }).message, "internal error: " + text);
  EXPECT_EQ(failed([] { throw 7; }).message, "internal error of unknown type");
  EXPECT_EQ(failed([] { throw std::bad_alloc(); }).kind, FailureKind::kOutOfMemory);

  // The exceptions exist already: only telling them would need memory.
  const Error error(FailureKind::kDevice, text);
  const auto thrown = std::make_exception_ptr(error);
  const auto other = std::make_exception_ptr(std::runtime_error(text));
  for (const auto& exception : {thrown, other, std::make_exception_ptr(std::bad_alloc())}) {
    const Status status = [&] {
      const FewAllocations none(0);
      return guard([&] { std::rethrow_exception(exception); });
    }();
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.failure().kind, FailureKind::kOutOfMemory);
    EXPECT_EQ(status.failure().message, "no memory left");
  }
}

TEST(Context, MeterCountsKeepsThePeakAndRefusesBeyondItsLimit) {
  auto meter = std::make_shared<MemoryMeter>(1000);
  {
    Buffer<uint32_t> a(meter, nullptr, 100, "a");
    EXPECT_EQ(meter->current(), 400u);
    Buffer<uint32_t> b(meter, nullptr, 150, "b");
    EXPECT_EQ(meter->current(), 1000u);
    Buffer<uint32_t> moved = std::move(a);
    EXPECT_EQ(moved.size(), 100u);
    EXPECT_EQ(meter->current(), 1000u);
    Failure failure;
    try {
      Buffer<uint32_t> c(meter, nullptr, 1, "phase c");
    } catch (const Error& error) {
      failure = error.failure();
    }
    EXPECT_EQ(failure.kind, FailureKind::kOutOfMemory);
    EXPECT_EQ(failure.where, "phase c");
    EXPECT_EQ(failure.need, 4u);
    EXPECT_EQ(failure.have, 0u);
  }
  EXPECT_EQ(meter->current(), 0u);
  EXPECT_EQ(meter->peak(), 1000u);
}

TEST(Context, BuffersAreAlignedAndZeroedOnDemand) {
  for (const size_t size : {size_t{0}, size_t{3}, size_t{1} << 21}) {
    {
      // Dirties what the allocator may hand out again.
      Buffer<uint32_t> dirty(nullptr, nullptr, size, "dirty");
      for (size_t i = 0; i < size; ++i) dirty[i] = 7;
    }
    Buffer<uint32_t> buffer(nullptr, nullptr, size, "zeroed", true);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(buffer.data()) % 64, 0u);
    bool zero = true;
    for (const uint32_t value : buffer.span()) zero &= value == 0;
    EXPECT_TRUE(zero);
  }
}

TEST(Context, ImpossibleAllocationLeavesTheMeterAsItWas) {
  auto meter = std::make_shared<MemoryMeter>();
  FailureKind kind = FailureKind::kInternal;
  try {
    Buffer<uint8_t> huge(meter, nullptr, size_t{1} << 60, "huge");
  } catch (const Error& error) {
    kind = error.kind();
  }
  EXPECT_EQ(kind, FailureKind::kOutOfMemory);
  EXPECT_EQ(meter->current(), 0u);
}

TEST(Context, ClosingAnOuterSpanClosesTheInnerOnes) {
  SpanRecorder recorder;
  const int32_t outer = recorder.open("outer");
  {
    Span inner(recorder, "inner");
    Span innermost(recorder, "innermost");
  }
  const int32_t second = recorder.open("second");
  recorder.open("left open");
  recorder.close(outer);
  recorder.close(second);  // already closed: nothing happens
  Span root(recorder, "root");
  const auto& records = recorder.records();
  ASSERT_EQ(records.size(), 6u);
  EXPECT_EQ(records[0].parent, -1);
  EXPECT_EQ(records[1].parent, 0);
  EXPECT_EQ(records[2].parent, 1);
  EXPECT_EQ(records[3].parent, 0);
  EXPECT_EQ(records[4].parent, 3);
  EXPECT_EQ(records[5].parent, -1);
  EXPECT_GE(records[0].duration_s, records[1].duration_s);
  EXPECT_GE(records[1].duration_s, records[2].duration_s);
  EXPECT_GT(records[4].duration_s, 0);
  EXPECT_LE(records[3].start_s, records[4].start_s);
}
