// A runtime that hands everything to another one, but lends and compiles nothing; tests override what they
// look at.
#pragma once

#include "gpu/runtime.h"

namespace gpu_test {

using namespace openswirl;

class ForwardingRuntime : public gpu::Runtime {
 public:
  explicit ForwardingRuntime(std::shared_ptr<gpu::Runtime> runtime) : runtime_(std::move(runtime)) {}
  const gpu::RuntimeInfo& info() const override { return runtime_->info(); }
  Result<std::shared_ptr<gpu::Memory>> allocate(uint64_t bytes, bool poison) override {
    return runtime_->allocate(bytes, poison);
  }
  std::shared_ptr<gpu::Memory> borrow(const void*, uint64_t, std::shared_ptr<const void>) override {
    return nullptr;
  }
  Result<gpu::Submission> submit(std::vector<gpu::Command> commands) override {
    return runtime_->submit(std::move(commands));
  }
  Result<gpu::Completion> wait(gpu::Submission submission, const Context& context) override {
    return runtime_->wait(submission, context);
  }
  void abandon(gpu::Submission submission) noexcept override { runtime_->abandon(submission); }

 private:
  std::shared_ptr<gpu::Runtime> runtime_;
};

}  // namespace gpu_test
