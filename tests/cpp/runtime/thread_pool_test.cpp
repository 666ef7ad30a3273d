// The thread pool: coverage of ranges, errors, cancellation, nesting, sharing and forks.
#include "runtime/thread_pool.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <mutex>
#include <new>
#include <stdexcept>
#include <thread>
#include <vector>

#include "few_allocations.h"
#include "harness.h"
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
  CHECK(ranges_fit);
  return {seen.begin(), seen.end()};
}

}  // namespace

TEST_CASE("every index is visited exactly once") {
  for (const unsigned threads : {1u, 2u, 5u}) {
    ThreadPool pool(threads);
    CHECK_EQ(pool.size(), threads);
    for (const size_t count : {size_t{0}, size_t{1}, size_t{7}, size_t{1000}}) {
      for (const size_t grain : {size_t{0}, size_t{1}, size_t{3}, size_t{2000}}) {
        CHECK(visits(pool, count, grain) == std::vector<int>(count, 1));
      }
    }
  }
}

TEST_CASE("both threads take part") {
  ThreadPool pool(2);
  CancelToken cancel;
  std::atomic<int> waiting{0};
  // Each range waits for the other: one thread alone would never finish.
  pool.parallel_for(2, 1, cancel, [&](size_t, size_t) {
    ++waiting;
    while (waiting < 2) std::this_thread::yield();
  });
  CHECK_EQ(waiting.load(), 2);
}

TEST_CASE("an exception stops the hand-out and reaches the caller") {
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
    CHECK(caught);
    CHECK(ranges.load() < 100000);
    CHECK(visits(pool, 50, 4) == std::vector<int>(50, 1));
  }
}

TEST_CASE("cancellation and timeout stop a loop with typed errors") {
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
    CHECK(kind == FailureKind::kCancelled);

    CancelToken late;
    late.set_timeout(std::chrono::milliseconds(5));
    kind = FailureKind::kInternal;
    try {
      pool.parallel_for(100000, 1, late,
                        [](size_t, size_t) { std::this_thread::sleep_for(std::chrono::milliseconds(1)); });
    } catch (const Error& error) {
      kind = error.kind();
    }
    CHECK(kind == FailureKind::kTimeout);
  }
}

TEST_CASE("a nested loop runs on its own thread") {
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
  CHECK_EQ(inner.load(), 40);
  CHECK(same_thread);
}

TEST_CASE("two callers share one pool") {
  ThreadPool pool(2);
  std::vector<int> a, b;
  std::thread other([&] { a = visits(pool, 20000, 7); });
  b = visits(pool, 20000, 11);
  other.join();
  CHECK(a == std::vector<int>(20000, 1));
  CHECK(b == std::vector<int>(20000, 1));
}

TEST_CASE("everybody shares one pool per size, which ends with its last user") {
  const auto two = ThreadPool::shared(2);
  CHECK(ThreadPool::shared(2) == two);
  CHECK(ThreadPool::shared(3) != two);
  CHECK_EQ(ThreadPool::shared(3)->size(), 3u);
  CHECK(ThreadPool::shared() == ThreadPool::shared(ThreadPool(0).size()));
  const std::weak_ptr<ThreadPool> five = ThreadPool::shared(5);
  CHECK(five.expired());
  CHECK_EQ(ThreadPool::shared(5)->size(), 5u);
}

TEST_CASE("threads that start without memory for all of them end again, and signals stay as they were") {
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
  CHECK(failures >= 4);  // the pool's own state, and something for each of three threads
  CHECK(failures < 100);
  pthread_sigmask(SIG_SETMASK, nullptr, &after);
  CHECK_EQ(sigismember(&before, SIGINT), sigismember(&after, SIGINT));
}

TEST_CASE("a forked child gets fresh threads") {
  const auto shared = ThreadPool::shared(2);
  ThreadPool& pool = *shared;
  CHECK(visits(pool, 100, 1) == std::vector<int>(100, 1));
  const pid_t child = fork();
  REQUIRE(child >= 0);
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
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  CHECK(visits(pool, 100, 1) == std::vector<int>(100, 1));
}
