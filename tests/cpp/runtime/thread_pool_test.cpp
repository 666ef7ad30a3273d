// The thread pool: coverage of ranges, errors, cancellation, nesting, sharing and forks.
#include "runtime/thread_pool.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <new>
#include <stdexcept>
#include <thread>
#include <vector>

#include "few_allocations.h"
#include "googletest.h"
#include "openswirl/failure.h"

using namespace openswirl;

namespace {

std::vector<int> visits(ThreadPool& pool, size_t count, size_t grain) {
  std::vector<std::atomic<int>> seen(count);
  CancelToken cancel;
  std::atomic<bool> ranges_fit{true};
  pool.parallel_for(count, grain, cancel, [&](size_t begin, size_t end) {
    if (begin >= end || end - begin > std::max<size_t>(grain, 1)) ranges_fit = false;
    for (size_t i = begin; i < end; ++i) ++seen[i];
  });
  EXPECT_TRUE(ranges_fit);
  return {seen.begin(), seen.end()};
}

}  // namespace

TEST(ThreadPool, VisitsEveryIndexOnce) {
  for (const unsigned threads : {1u, 2u, 5u}) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.size(), threads);
    for (const size_t count : {size_t{0}, size_t{1}, size_t{7}, size_t{1000}}) {
      for (const size_t grain : {size_t{0}, size_t{1}, size_t{3}, size_t{2000}}) {
        EXPECT_EQ(visits(pool, count, grain), std::vector<int>(count, 1));
      }
    }
  }
}

TEST(ThreadPool, BothThreadsTakePart) {
  ThreadPool pool(2);
  CancelToken cancel;
  std::atomic<int> waiting{0};
  // Each range waits for the other: one thread alone would never finish.
  pool.parallel_for(2, 1, cancel, [&](size_t, size_t) {
    ++waiting;
    while (waiting < 2) std::this_thread::yield();
  });
  EXPECT_EQ(waiting.load(), 2);
}

TEST(ThreadPool, ExceptionStopsTheLoopAndReachesTheCaller) {
  for (const unsigned threads : {1u, 3u}) {
    ThreadPool pool(threads);
    CancelToken cancel;
    std::atomic<int> ranges{0};
    bool caught = false;
    try {
      pool.parallel_for(100000, 1, cancel, [&](size_t begin, size_t) {
        ++ranges;
        if (begin == 5) throw std::runtime_error("five");
      });
    } catch (const std::runtime_error& error) {
      caught = std::string(error.what()) == "five";
    }
    EXPECT_TRUE(caught);
    EXPECT_LT(ranges.load(), 100000);
    EXPECT_EQ(visits(pool, 50, 4), std::vector<int>(50, 1));
  }
}

TEST(ThreadPool, CancellationAndTimeoutStopALoop) {
  for (const unsigned threads : {1u, 2u}) {
    ThreadPool pool(threads);
    CancelToken cancel;
    FailureKind kind = FailureKind::kInternal;
    try {
      pool.parallel_for(1000, 1, cancel, [&](size_t begin, size_t) {
        if (begin == 3) cancel.cancel();
      });
    } catch (const Error& error) {
      kind = error.kind();
    }
    EXPECT_EQ(kind, FailureKind::kCancelled);

    CancelToken late;
    late.set_timeout(std::chrono::milliseconds(5));
    kind = FailureKind::kInternal;
    try {
      pool.parallel_for(100000, 1, late,
                        [](size_t, size_t) { std::this_thread::sleep_for(std::chrono::milliseconds(1)); });
    } catch (const Error& error) {
      kind = error.kind();
    }
    EXPECT_EQ(kind, FailureKind::kTimeout);
  }
}

TEST(ThreadPool, NestedLoopRunsOnItsOwnThread) {
  ThreadPool pool(2);
  CancelToken cancel;
  std::atomic<int> inner{0};
  std::atomic<bool> same_thread{true};
  pool.parallel_for(4, 1, cancel, [&](size_t, size_t) {
    const auto outer = std::this_thread::get_id();
    pool.parallel_for(10, 1, cancel, [&](size_t, size_t) {
      if (std::this_thread::get_id() != outer) same_thread = false;
      ++inner;
    });
  });
  EXPECT_EQ(inner.load(), 40);
  EXPECT_TRUE(same_thread);
}

TEST(ThreadPool, TwoCallersShareOnePool) {
  ThreadPool pool(2);
  std::vector<int> a, b;
  std::thread other([&] { a = visits(pool, 20000, 7); });
  b = visits(pool, 20000, 11);
  other.join();
  EXPECT_EQ(a, std::vector<int>(20000, 1));
  EXPECT_EQ(b, std::vector<int>(20000, 1));
}

// A loop returns as soon as its ranges are done; a worker that starts late must find nothing of it.
TEST(ThreadPool, LateWorkersFindNothing) {
  ThreadPool pool(4);
  CancelToken cancel;
  for (int loop = 0; loop < 5000; ++loop) {
    auto visits = std::make_unique<std::array<int, 3>>();
    std::function<void(size_t, size_t)> body = [data = visits.get()](size_t begin, size_t) {
      (*data)[begin] += 1;
    };
    pool.parallel_for(3, 1, cancel, body);
    ASSERT_EQ(*visits, (std::array<int, 3>{1, 1, 1})) << loop;
  }
}

TEST(ThreadPool, OneSharedPoolPerSizeEndsWithItsLastUser) {
  const auto two = ThreadPool::shared(2);
  EXPECT_EQ(ThreadPool::shared(2), two);
  EXPECT_NE(ThreadPool::shared(3), two);
  EXPECT_EQ(ThreadPool::shared(3)->size(), 3u);
  EXPECT_EQ(ThreadPool::shared(), ThreadPool::shared(ThreadPool(0).size()));
  const std::weak_ptr<ThreadPool> five = ThreadPool::shared(5);
  EXPECT_TRUE(five.expired());
  EXPECT_EQ(ThreadPool::shared(5)->size(), 5u);
}

TEST(ThreadPool, FailedStartEndsThreadsAndKeepsSignals) {
  sigset_t before, after;
  pthread_sigmask(SIG_SETMASK, nullptr, &before);
  CancelToken cancel;
  const std::function<void(size_t, size_t)> nothing = [](size_t, size_t) {};
  int failures = 0;
  for (int64_t allocations = 0; allocations < 100; ++allocations) {
    ThreadPool pool(4);
    try {
      const FewAllocations few(allocations);
      pool.parallel_for(8, 1, cancel, nothing);
      break;
    } catch (const std::bad_alloc&) {
      ++failures;
    }
  }
  EXPECT_GE(failures, 4);  // the pool's own state, and something for each of three threads
  EXPECT_LT(failures, 100);
  pthread_sigmask(SIG_SETMASK, nullptr, &after);
  EXPECT_EQ(sigismember(&before, SIGINT), sigismember(&after, SIGINT));
}

TEST(ThreadPool, ForkedChildGetsFreshThreads) {
  const auto shared = ThreadPool::shared(2);
  ThreadPool& pool = *shared;
  EXPECT_EQ(visits(pool, 100, 1), std::vector<int>(100, 1));
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    CancelToken cancel;
    std::atomic<int> waiting{0};
    alarm(20);
    if (ThreadPool::shared(2) == shared) _exit(2);
    pool.parallel_for(2, 1, cancel, [&](size_t, size_t) {
      ++waiting;
      while (waiting < 2) std::this_thread::yield();
    });
    _exit(waiting == 2 ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_EQ(visits(pool, 100, 1), std::vector<int>(100, 1));
}
