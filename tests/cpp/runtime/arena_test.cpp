// Memory that is given back serves later requests.
#include "runtime/arena.h"

#include <cstring>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "googletest.h"
#include "openswirl/failure.h"
#include "runtime/context.h"

using namespace openswirl;

namespace {

constexpr size_t kMiB = size_t{1} << 20;

bool all_are(const void* data, size_t bytes, int value) {
  const auto* first = static_cast<const unsigned char*>(data);
  for (size_t i = 0; i < bytes; ++i) {
    if (first[i] != value) return false;
  }
  return true;
}

}  // namespace

TEST(Arena, TakesOverWhatWasGivenBack) {
  Arena arena(true);
  void* first = arena.take(3 * kMiB, false, "test");
  arena.give(first, 3 * kMiB);
  const size_t mapped = arena.mapped();
  void* second = arena.take(2 * kMiB, false, "test");
  EXPECT_EQ(second, first);
  EXPECT_EQ(arena.mapped(), mapped);
  arena.give(second, 2 * kMiB);
}

TEST(Arena, ClearsMemoryOnlyWhenAsked) {
  Arena arena(true);
  void* data = arena.take(kMiB, false, "test");
  std::memset(data, 0x5a, kMiB);
  arena.give(data, kMiB);
  ASSERT_EQ(arena.take(kMiB, true, "test"), data);
  EXPECT_TRUE(all_are(data, kMiB, 0));
  arena.give(data, kMiB);
}

TEST(Arena, JoinsNeighbours) {
  Arena arena(true);
  std::vector<void*> quarters;
  arena.give(arena.take(4 * kMiB, false, "test"), 4 * kMiB);
  const size_t mapped = arena.mapped();
  for (int i = 0; i < 4; ++i) quarters.push_back(arena.take(kMiB, false, "test"));
  for (const int i : {2, 0, 3, 1}) arena.give(quarters[i], kMiB);
  arena.give(arena.take(4 * kMiB, false, "test"), 4 * kMiB);
  EXPECT_EQ(arena.mapped(), mapped);
}

TEST(Arena, RangesOfManyThreadsNeverOverlap) {
  Arena arena(true);
  std::vector<int> damaged(4);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&arena, &damaged, t] {
      std::mt19937 random(t);
      std::vector<std::pair<void*, size_t>> held;
      for (int step = 0; step < 400; ++step) {
        if (held.size() == 8 || (!held.empty() && random() % 2 == 0)) {
          const auto [data, bytes] = held.back();
          held.pop_back();
          damaged[t] += !all_are(data, bytes, t + 1);
          arena.give(data, bytes);
        } else {
          const size_t bytes = 1 + random() % 100000;
          held.emplace_back(arena.take(bytes, false, "test"), bytes);
          std::memset(held.back().first, t + 1, bytes);
        }
      }
      for (const auto& [data, bytes] : held) arena.give(data, bytes);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(damaged, std::vector<int>(4));
  // All of it is one free range a mapping again.
  EXPECT_LE(arena.mapped(), 8 * kMiB);
  const size_t mapped = arena.mapped();
  void* most = arena.take(2 * kMiB, false, "test");
  EXPECT_EQ(arena.mapped(), mapped);
  arena.give(most, 2 * kMiB);
}

TEST(Arena, KeepsNothingWithoutReuse) {
  Arena arena(false);
  void* data = arena.take(3 * kMiB, true, "test");
  EXPECT_TRUE(all_are(data, 3 * kMiB, 0));
  EXPECT_EQ(arena.mapped(), 0u);
  arena.give(data, 3 * kMiB);
}

TEST(Arena, PoisonsWithoutReuseUnlessZeroIsAskedFor) {
  Arena arena(false);
  void* data = arena.take(kMiB, false, "test");
  EXPECT_FALSE(all_are(data, kMiB, 0));
  arena.give(data, kMiB);
}

TEST(Arena, TrimmingUnmapsWhatNobodyUses) {
  Arena arena(true);
  void* kept = arena.take(3 * kMiB, false, "test");
  void* given = arena.take(8 * kMiB, false, "test");
  arena.give(given, 8 * kMiB);
  std::memset(kept, 1, 3 * kMiB);
  arena.trim();
  EXPECT_EQ(arena.mapped(), 4 * kMiB);
  EXPECT_TRUE(all_are(kept, 3 * kMiB, 1));
  arena.give(kept, 3 * kMiB);
  arena.trim();
  EXPECT_EQ(arena.mapped(), 0u);
}

TEST(Arena, ImpossibleRequestsAreRefused) {
  Arena arena(true);
  for (const size_t bytes : {SIZE_MAX, size_t{1} << 62}) {
    try {
      arena.take(bytes, false, "a table");
      FAIL() << "no error";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), FailureKind::kOutOfMemory);
      EXPECT_EQ(error.failure().where, "a table");
      EXPECT_EQ(error.failure().need.value_or(0), bytes);
    }
  }
  EXPECT_EQ(arena.mapped(), 0u);
}

TEST(Arena, OutlivesTheContextWhileABufferHoldsIt) {
  Buffer<uint32_t> kept;
  {
    Context context;
    context.arena = std::make_shared<Arena>(true);
    kept = context.buffer<uint32_t>(kMiB, "kept", true);
    EXPECT_GE(context.arena->mapped(), 4 * kMiB);
  }
  EXPECT_TRUE(all_are(kept.data(), 4 * kMiB, 0));
}

TEST(Arena, LargeBuffersOfOneProofAreTakenOverByTheNext) {
  Context context;
  context.arena = std::make_shared<Arena>(true);
  const auto run = [&] {
    auto first = context.buffer<uint32_t>(3 * kMiB, "first");
    {
      auto passing = context.buffer<uint32_t>(kMiB, "passing");
    }
    auto second = context.buffer<uint32_t>(kMiB, "second", true);
    return context.arena->mapped();
  };
  const size_t mapped = run();
  EXPECT_EQ(run(), mapped);
  EXPECT_EQ(context.meter->current(), 0u);
}
