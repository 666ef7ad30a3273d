#include "metal/batch.h"

#include <algorithm>
#include <utility>

#include "metal/machine.h"
#include "openswirl/result.h"

namespace openswirl::metal {
namespace {

// How often a wait looks at its cancel token and at the watchdog.
constexpr auto kPatience = std::chrono::milliseconds(20);

std::string contents(const Batch& batch) {
  std::string text = "command buffer " + std::to_string(batch.number) + " (";
  const char* separator = "";
  for (const auto& [kernel, times] : batch.kernels) {
    text += separator;
    if (times > 1) text += std::to_string(times) + " x ";
    text += kernel;
    separator = ", ";
  }
  return text + ")";
}

struct ErrorName {
  NS::Integer code;
  const char* name;
  const char* meaning;
};

constexpr ErrorName kErrors[] = {
    {MTL::CommandBufferErrorInternal, "internal error", "restart the process if it happens again"},
    {MTL::CommandBufferErrorTimeout, "timeout",
     "the system stops work that keeps the GPU from the display; close other programs that use it, or prove "
     "smaller traces"},
    {MTL::CommandBufferErrorPageFault, "page fault",
     "a kernel touched memory that is not there; please report it"},
    {MTL::CommandBufferErrorAccessRevoked, "access revoked",
     "the system no longer lets this process use the GPU"},
    {MTL::CommandBufferErrorNotPermitted, "not permitted",
     "the system does not let this process use the GPU"},
    {MTL::CommandBufferErrorOutOfMemory, "out of memory", "close other programs, or prove smaller traces"},
    {MTL::CommandBufferErrorInvalidResource, "invalid resource", "please report it"},
    {MTL::CommandBufferErrorDeviceRemoved, "device removed", "the GPU is gone"},
    {MTL::CommandBufferErrorStackOverflow, "stack overflow", "please report it"},
};

// After these the device takes no more work of this process.
bool is_final(NS::Integer code) {
  return code == MTL::CommandBufferErrorAccessRevoked || code == MTL::CommandBufferErrorNotPermitted ||
         code == MTL::CommandBufferErrorDeviceRemoved;
}

Failure failure_of(const std::string& device, const Batch& batch, NS::Error* error) {
  const NS::Integer code = error ? error->code() : 0;
  const auto* known = std::find_if(std::begin(kErrors), std::end(kErrors),
                                   [&](const ErrorName& name) { return name.code == code; });
  const bool named = known != std::end(kErrors);
  Failure failure;
  failure.kind =
      code == MTL::CommandBufferErrorOutOfMemory ? FailureKind::kOutOfMemory : FailureKind::kDevice;
  failure.where = device;
  failure.message = "[metal] " + device + " stopped " + contents(batch) + ": " +
                    (named ? known->name : "error") + " (" + std::to_string(code) + "), " + text_of(error);
  if (named) failure.message += std::string("; ") + known->meaning;
  return failure;
}

}  // namespace

void Batches::commit(const std::shared_ptr<Batches>& self, const std::shared_ptr<Batch>& batch,
                     MTL::CommandBuffer* buffer) {
  {
    const std::lock_guard lock(self->mutex_);
    if (self->lost_) throw Error(*self->lost_);
    batch->committed = awake_now();
    self->committed_ = batch->number;
    self->running_.push_back(batch);
  }
  // Metal keeps the handler, and with it the batch, until the command buffer has completed.
  buffer->addCompletedHandler(
      [self, batch](MTL::CommandBuffer* completed) { self->finish(*batch, completed); });
  buffer->commit();
}

// Called by a thread of Metal's.
void Batches::finish(Batch& batch, MTL::CommandBuffer* buffer) {
  const AutoreleaseScope scope;
  // Before anybody who waits goes on: the memory is there to be allocated again.
  batch.keep.clear();
  {
    const std::lock_guard lock(mutex_);
    batch.start = steady_time(buffer->GPUStartTime());
    batch.end = steady_time(buffer->GPUEndTime());
    if (buffer->status() != MTL::CommandBufferStatusCompleted && !batch.failure) {
      NS::Error* error = buffer->error();
      batch.failure = failure_of(device_, batch, error);
      ++failures_;
      // What was committed behind it works with what it did not write.
      for (const auto& other : running_) {
        if (other->number <= batch.number || other->failure) continue;
        other->failure = batch.failure;
        other->failure->message = "an earlier command buffer failed: " + batch.failure->message;
      }
      if (error && is_final(error->code())) lost_ = batch.failure;
    }
    batch.done = true;
    last_completion_ = awake_now();
    std::erase_if(running_, [&](const auto& other) { return other.get() == &batch; });
    // Handlers of neighbours may come in any order.
    completed_ = running_.empty() ? committed_ : running_.front()->number - 1;
  }
  changed_.notify_all();
}

void Batches::give_up(const Batch& batch) {
  Failure failure;
  failure.kind = FailureKind::kDevice;
  failure.where = device_;
  failure.message = "[metal] " + device_ + " has not finished " + contents(batch) + " within " +
                    std::to_string(static_cast<uint64_t>(limit_.count() * 1000)) +
                    " ms; the device is given up, and the memory of its work is not freed";
  lost_ = failure;
  changed_.notify_all();
  throw Error(std::move(failure));
}

template <class Condition>
void Batches::wait_for(std::unique_lock<std::mutex>& lock, const CancelToken* cancel,
                       const Condition& ready) {
  while (!ready()) {
    if (lost_ && !running_.empty()) throw Error(*lost_);
    if (cancel) cancel->poll();
    changed_.wait_for(lock, kPatience);
    if (ready() || running_.empty()) continue;
    // Its turn began when it was committed or when the one before it ended.
    const double began = std::max(running_.front()->committed, last_completion_);
    if (awake_now() - began > limit_.count()) give_up(*running_.front());
  }
}

void Batches::wait(const Batch& batch, const CancelToken* cancel) {
  std::unique_lock lock(mutex_);
  wait_for(lock, cancel, [&] { return batch.done; });
}

void Batches::wait_until_few(size_t count) {
  std::unique_lock lock(mutex_);
  wait_for(lock, nullptr, [&] { return running_.size() <= count; });
}

uint64_t Batches::completed() const {
  const std::lock_guard lock(mutex_);
  return completed_;
}
bool Batches::lost() const {
  const std::lock_guard lock(mutex_);
  return lost_.has_value();
}
uint64_t Batches::failures() const {
  const std::lock_guard lock(mutex_);
  return failures_;
}

}  // namespace openswirl::metal
