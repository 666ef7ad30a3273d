// A fixed set of threads for data-parallel loops. Results never depend on the number of threads.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "runtime/cancel.h"

namespace openswirl {

class ThreadPool {
 public:
  // `threads` workers in total, the calling thread among them; 0 means one per available core.
  explicit ThreadPool(unsigned threads = 0);
  ~ThreadPool();
  // The pool of this size that everybody in this process shares; its threads end with its last user. While
  // they work for one caller, the others run their loops on their own threads.
  static std::shared_ptr<ThreadPool> shared(unsigned threads = 0);
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  unsigned size() const;

  // Calls body(begin, end) over disjoint ranges that cover [0, count), each at most `grain` long, and waits.
  // Ranges are handed out in ascending order. The token is polled between ranges; the first exception of any
  // range (or the cancellation) stops the hand-out and is thrown here. A call from inside a body runs inline.
  // After a fork the child gets fresh threads on first use.
  void parallel_for(size_t count, size_t grain, const CancelToken& cancel,
                    const std::function<void(size_t begin, size_t end)>& body);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace openswirl
