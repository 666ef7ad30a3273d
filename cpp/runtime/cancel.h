// Cooperative cancellation: a flag, a deadline, and the poll that long host work makes at least every 50 ms.
#pragma once

#include <atomic>
#include <chrono>
#include <optional>

namespace openswirl {

class CancelToken {
 public:
  using Clock = std::chrono::steady_clock;

  void cancel() { cancelled_.store(true, std::memory_order_relaxed); }
  // Must be set before work starts.
  void set_timeout(std::chrono::duration<double> timeout) {
    deadline_ = Clock::now() + std::chrono::duration_cast<Clock::duration>(timeout);
  }
  // True once work should stop; cheap enough for a loop over blocks of some thousand elements.
  bool stop_requested() const {
    return cancelled_.load(std::memory_order_relaxed) || (deadline_ && Clock::now() >= *deadline_);
  }
  // Throws Error{kCancelled} or Error{kTimeout} once work should stop.
  void poll() const;

 private:
  std::atomic<bool> cancelled_{false};
  std::optional<Clock::time_point> deadline_;
};

}  // namespace openswirl
