// Worker threads are started on first use and belong to one process: a forked child starts its own.
#include "runtime/thread_pool.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "openswirl/failure.h"

#ifdef __linux__
#include <sched.h>
#endif

namespace openswirl {
namespace {

using Body = std::function<void(size_t, size_t)>;

thread_local bool inside_body = false;

unsigned available_cores() {
#ifdef __linux__
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) == 0) return std::max(1, CPU_COUNT(&set));
#endif
  return std::max(1u, std::thread::hardware_concurrency());
}

struct Job {
  Job(size_t count, size_t grain, const CancelToken& cancel, const Body& body)
      : count(count), grain(grain), cancel(cancel), body(body) {}

  const size_t count, grain;
  const CancelToken& cancel;
  const Body& body;
  std::atomic<size_t> next{0};
  std::atomic<bool> stopped{false};
  std::mutex mutex;
  std::exception_ptr error;

  // Takes ranges until none is left or somebody failed.
  void work() {
    inside_body = true;
    while (!stopped.load(std::memory_order_relaxed)) {
      const size_t begin = next.fetch_add(grain, std::memory_order_relaxed);
      if (begin >= count) break;
      try {
        cancel.poll();
        body(begin, std::min(count, begin + grain));
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!error) error = std::current_exception();
        stopped.store(true, std::memory_order_relaxed);
      }
    }
    inside_body = false;
  }
};

// Looks at a condition for some ten microseconds before its caller goes to sleep: a wake-up takes as long,
// and the loops of a small proof follow one another faster. False if it did not come true.
template <class Condition>
bool spin_until(Condition condition) {
  for (int i = 0; i < 2000; ++i) {
    if (condition()) return true;
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("isb");
#endif
  }
  return false;
}

class Workers {
 public:
  explicit Workers(unsigned count) : pid(getpid()), spins_(count < available_cores()) {
    // Signals stay with the threads of the application.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
      for (unsigned i = 0; i < count; ++i) threads_.emplace_back([this] { loop(); });
    } catch (...) {
      pthread_sigmask(SIG_SETMASK, &before, nullptr);
      stop();
      refuse(count);
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }
  ~Workers() { stop(); }

  // False if another caller is using the workers.
  bool try_run(Job& job) {
    const std::unique_lock turn(turn_, std::try_to_lock);
    if (!turn) return false;
    {
      const std::lock_guard lock(mutex_);
      job_ = &job;
      generation_.fetch_add(1, std::memory_order_release);
    }
    wake_.notify_all();
    job.work();
    std::unique_lock lock(mutex_);
    // A worker that has not started yet finds nothing: a loop never waits for a thread that the system is
    // late to run.
    job_ = nullptr;
    if (spins_ && busy_ != 0) {
      lock.unlock();
      spin_until([&] { return busy_.load(std::memory_order_relaxed) == 0; });
      lock.lock();
    }
    done_.wait(lock, [&] { return busy_ == 0; });
    return true;
  }

  const pid_t pid;

 private:
  // Called while the exception that ended the start is handled.
  [[noreturn]] static void refuse(unsigned count) {
    try {
      throw;
    } catch (const std::system_error& error) {
      throw Error(FailureKind::kOutOfMemory, "cannot start " + std::to_string(count) + " worker threads: " +
                                                 error.what() + "; ask for fewer threads");
    }
  }
  void loop() {
    uint64_t seen = 0;
    std::unique_lock lock(mutex_);
    for (;;) {
      const auto called = [&] { return stopping_ || generation_.load(std::memory_order_acquire) != seen; };
      if (spins_ && !called()) {
        lock.unlock();
        spin_until(called);
        lock.lock();
      }
      wake_.wait(lock, called);
      if (stopping_) return;
      seen = generation_;
      Job* job = job_;
      if (job == nullptr) continue;
      ++busy_;
      lock.unlock();
      job->work();
      lock.lock();
      if (--busy_ == 0) done_.notify_one();
    }
  }
  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  std::mutex turn_, mutex_;
  std::condition_variable wake_, done_;
  std::vector<std::thread> threads_;
  // All of them change under the mutex only; those that are spun on are atomic.
  Job* job_ = nullptr;
  std::atomic<size_t> busy_{0};
  std::atomic<uint64_t> generation_{0};
  std::atomic<bool> stopping_{false};
  const bool spins_;  // not where threads outnumber cores
};

}  // namespace

struct ThreadPool::State {
  unsigned threads = 1;
  std::atomic<Workers*> workers{nullptr};

  Workers& current() {
    Workers* found = workers.load(std::memory_order_acquire);
    if (found && found->pid == getpid()) return *found;
    // The threads of a parent process do not exist here, and its locks may be held for ever: its object is
    // abandoned, never destroyed.
    auto fresh = std::make_unique<Workers>(threads - 1);
    if (workers.compare_exchange_strong(found, fresh.get(), std::memory_order_acq_rel))
      return *fresh.release();
    return *found;
  }
};

ThreadPool::ThreadPool(unsigned threads) : state_(std::make_unique<State>()) {
  state_->threads = threads == 0 ? available_cores() : threads;
}

ThreadPool::~ThreadPool() {
  Workers* workers = state_->workers.load(std::memory_order_acquire);
  if (workers && workers->pid == getpid()) delete workers;
}

std::shared_ptr<ThreadPool> ThreadPool::shared(unsigned threads) {
  struct Pools {
    const pid_t pid = getpid();
    std::mutex mutex;
    std::map<unsigned, std::weak_ptr<ThreadPool>> by_size;
  };
  // As with workers: the lock of a parent process may be held for ever, so a forked child starts a new table.
  static std::atomic<Pools*> current{nullptr};
  Pools* pools = current.load(std::memory_order_acquire);
  if (!pools || pools->pid != getpid()) {
    auto fresh = std::make_unique<Pools>();
    if (current.compare_exchange_strong(pools, fresh.get(), std::memory_order_acq_rel))
      pools = fresh.release();
  }
  const unsigned size = threads == 0 ? available_cores() : threads;
  const std::lock_guard lock(pools->mutex);
  std::weak_ptr<ThreadPool>& slot = pools->by_size[size];
  std::shared_ptr<ThreadPool> pool = slot.lock();
  if (!pool) slot = pool = std::make_shared<ThreadPool>(size);
  return pool;
}

unsigned ThreadPool::size() const { return state_->threads; }

void ThreadPool::parallel_for(size_t count, size_t grain, const CancelToken& cancel, const Body& body) {
  grain = std::max<size_t>(grain, 1);
  grain = std::min(grain, std::max<size_t>(count, 1));
  const bool alone = inside_body || state_->threads == 1 || count <= grain;
  if (!alone) {
    Job job(count, grain, cancel, body);
    if (state_->current().try_run(job)) {
      if (job.error) std::rethrow_exception(job.error);
      return;
    }
  }
  // Nothing to share, a call from inside a body, or the threads work for another caller: run here.
  for (size_t begin = 0; begin < count; begin += grain) {
    cancel.poll();
    body(begin, std::min(count, begin + grain));
  }
}

}  // namespace openswirl
