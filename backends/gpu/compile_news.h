// What people are told while a device compiles its kernels, which may take a first process minutes: that it
// began, every few seconds how far it is, and how long it took. Nothing where no kernel is compiled.
#pragma once

#include <chrono>
#include <mutex>
#include <string>

#include "runtime/notices.h"

namespace openswirl::gpu {

class CompileNews {
 public:
  // `what`: for people, such as "GPU kernels for Apple M2".
  explicit CompileNews(std::string what, std::chrono::duration<double> every = std::chrono::seconds(3))
      : what_(std::move(what)), every_(every) {}

  // Around the compilation of one; thread-safe.
  void begins() {
    const std::lock_guard lock(mutex_);
    if (begun_++ > 0) return;
    started_ = told_ = Clock::now();
    add_news("compiling " + what_ + ", once");
  }
  void ends() {
    const std::lock_guard lock(mutex_);
    ++done_;
    if (Clock::now() - told_ < every_) return;
    told_ = Clock::now();
    add_news("compiled " + std::to_string(done_) + " " + what_ + " so far");
  }
  // All are there; `more` ends the sentence.
  void finished(const std::string& more = {}) const {
    if (done_ == 0) return;
    const auto tenths =
        std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - started_).count() / 100;
    add_news("compiled " + std::to_string(done_) + " " + what_ + " in " + std::to_string(tenths / 10) + "." +
             std::to_string(tenths % 10) + " s" + more);
  }

 private:
  using Clock = std::chrono::steady_clock;

  const std::string what_;
  const std::chrono::duration<double> every_;
  std::mutex mutex_;
  size_t begun_ = 0, done_ = 0;
  Clock::time_point started_, told_;
};

}  // namespace openswirl::gpu
