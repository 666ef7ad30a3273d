// Buffers, the memory meter and the span recorder.
#include "runtime/context.h"

#include "harness.h"
#include "openswirl/failure.h"

using namespace openswirl;

TEST_CASE("a meter counts, keeps the peak and refuses beyond its limit") {
  auto meter = std::make_shared<MemoryMeter>(1000);
  {
    Buffer<uint32_t> a(meter, 100, "a");
    CHECK_EQ(meter->current(), 400u);
    Buffer<uint32_t> b(meter, 150, "b");
    CHECK_EQ(meter->current(), 1000u);
    Buffer<uint32_t> moved = std::move(a);
    CHECK_EQ(moved.size(), 100u);
    CHECK_EQ(meter->current(), 1000u);
    Failure failure;
    try {
      Buffer<uint32_t> c(meter, 1, "phase c");
    } catch (const Error& error) {
      failure = error.failure();
    }
    CHECK(failure.kind == FailureKind::kOutOfMemory);
    CHECK(failure.where == "phase c");
    CHECK(failure.need == 4u && failure.have == 0u);
  }
  CHECK_EQ(meter->current(), 0u);
  CHECK_EQ(meter->peak(), 1000u);
}

TEST_CASE("buffers are aligned and zeroed on demand, small and large") {
  for (const size_t size : {size_t{0}, size_t{3}, size_t{1} << 21}) {
    {
      // Dirties what the allocator may hand out again.
      Buffer<uint32_t> dirty(nullptr, size, "dirty");
      for (size_t i = 0; i < size; ++i) dirty[i] = 7;
    }
    Buffer<uint32_t> buffer(nullptr, size, "zeroed", true);
    CHECK_EQ(reinterpret_cast<uintptr_t>(buffer.data()) % 64, 0u);
    bool zero = true;
    for (const uint32_t value : buffer.span()) zero &= value == 0;
    CHECK(zero);
  }
}

TEST_CASE("an impossible allocation is out of memory and leaves the meter as it was") {
  auto meter = std::make_shared<MemoryMeter>();
  FailureKind kind = FailureKind::kInternal;
  try {
    Buffer<uint8_t> huge(meter, size_t{1} << 60, "huge");
  } catch (const Error& error) {
    kind = error.kind();
  }
  CHECK(kind == FailureKind::kOutOfMemory);
  CHECK_EQ(meter->current(), 0u);
}

TEST_CASE("spans form a tree and closing an outer one closes the inner ones") {
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
  REQUIRE(records.size() == 6);
  CHECK_EQ(records[0].parent, -1);
  CHECK_EQ(records[1].parent, 0);
  CHECK_EQ(records[2].parent, 1);
  CHECK_EQ(records[3].parent, 0);
  CHECK_EQ(records[4].parent, 3);
  CHECK_EQ(records[5].parent, -1);
  CHECK(records[0].duration_s >= records[1].duration_s && records[1].duration_s >= records[2].duration_s);
  CHECK(records[4].duration_s > 0 && records[3].start_s <= records[4].start_s);
}
