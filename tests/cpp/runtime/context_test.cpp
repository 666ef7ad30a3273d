// Buffers, the memory meter and the span recorder.
#include "runtime/context.h"

#include <cstdlib>
#include <new>
#include <stdexcept>

#include "few_allocations.h"
#include "harness.h"
#include "openswirl/result.h"

void* operator new(size_t bytes) {
  const bool refused = allocations_left == 0;
  if (allocations_left > 0) --allocations_left;
  void* data = refused ? nullptr : std::malloc(bytes);
  if (!data) throw std::bad_alloc();
  return data;
}
void operator delete(void* data) noexcept { std::free(data); }
void operator delete(void* data, size_t) noexcept { std::free(data); }

using namespace openswirl;

TEST_CASE("guard turns everything into a failure, also without any memory") {
  CHECK_EQ(guard([] { return 7; }).take(), 7);
  const auto failed = [](auto body) { return guard(body).failure(); };
  const std::string text = "a text that is too long to fit into the string object itself";
  CHECK_EQ(failed([&] { throw Error(FailureKind::kDevice, text); }).message, text);
  CHECK_EQ(failed([&] { throw std::runtime_error(text); }).message, "internal error: " + text);
  CHECK_EQ(failed([] { throw 7; }).message, "internal error of unknown type");
  CHECK(failed([] { throw std::bad_alloc(); }).kind == FailureKind::kOutOfMemory);

  // The exceptions exist already: only telling them would need memory.
  const Error error(FailureKind::kDevice, text);
  const auto thrown = std::make_exception_ptr(error);
  const auto other = std::make_exception_ptr(std::runtime_error(text));
  for (const auto& exception : {thrown, other, std::make_exception_ptr(std::bad_alloc())}) {
    const Status status = [&] {
      const FewAllocations none(0);
      return guard([&] { std::rethrow_exception(exception); });
    }();
    REQUIRE(!status.ok());
    CHECK(status.failure().kind == FailureKind::kOutOfMemory);
    CHECK_EQ(status.failure().message, "no memory left");
  }
}

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
