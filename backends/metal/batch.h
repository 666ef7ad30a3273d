// Committed command buffers: what they keep alive, how they ended, and waiting for them without ever hanging.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "metal/apple.h"
#include "openswirl/failure.h"
#include "runtime/cancel.h"

namespace openswirl::metal {

// One command buffer. It references nothing itself: this does, until it has completed, and for ever if it
// never does.
struct Batch {
  uint64_t number = 0;
  std::vector<std::shared_ptr<const void>> keep;
  std::map<std::string, uint32_t> kernels;  // how often each is in it, for messages

  // Written once, when it is done.
  bool done = false;
  double start = 0, end = 0;  // on the steady clock
  std::optional<Failure> failure;

  double committed = 0;  // on the clock that sleeps with the machine
};

class Batches {
 public:
  // A batch that the GPU does not finish within the limit after the one before it is an error.
  Batches(std::string device, std::chrono::duration<double> limit)
      : device_(std::move(device)), limit_(limit) {}

  // Registers the batch and commits its command buffer. Throws if the device was lost.
  static void commit(const std::shared_ptr<Batches>& self, const std::shared_ptr<Batch>& batch,
                     MTL::CommandBuffer* buffer);

  // Until the batch is done or failed, which the caller reads from it. Throws Error{kDevice} if the GPU does
  // not answer, and what the token says if there is one; then the batch may still run.
  void wait(const Batch& batch, const CancelToken* cancel);
  // Until at most this many are unfinished.
  void wait_until_few(size_t count);

  uint64_t completed() const;  // all batches up to this number are done
  bool lost() const;
  // How many batches failed by themselves: after a failure a new queue is made.
  uint64_t failures() const;

 private:
  void finish(Batch& batch, MTL::CommandBuffer* buffer);
  template <class Condition>
  void wait_for(std::unique_lock<std::mutex>& lock, const CancelToken* cancel, const Condition& ready);
  [[noreturn]] void give_up(const Batch& batch);

  const std::string device_;
  const std::chrono::duration<double> limit_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::shared_ptr<Batch>> running_;  // in the order of the queue
  double last_completion_ = 0;
  uint64_t committed_ = 0, completed_ = 0, failures_ = 0;
  std::optional<Failure> lost_;
};

}  // namespace openswirl::metal
