#include "metal/runtime.h"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>

#include "gpu/fork_guard.h"
#include "metal/encoder.h"
#include "runtime/cached_files.h"

namespace openswirl::metal {
namespace {

// Metal does not say how many lanes a GPU has; these are enough for those of 40 cores.
constexpr uint32_t kTuningThreads = 16384;

// What a submission leaves to be waited for.
struct Pending {
  std::vector<std::shared_ptr<Batch>> batches;
  std::vector<Mark> marks;
  std::vector<Fetched> fetched;
};

double time_of(const Mark& mark) {
  if (!mark.batch) return mark.host_time;
  return mark.at_end ? mark.batch->end : mark.batch->start;
}

class MetalRuntime final : public gpu::Runtime {
 public:
  MetalRuntime(const Gpu& gpu, const std::string& name, const Options& options)
      : gpu_(gpu),
        cache_folder_(options.cache_folder),
        batches_(std::make_shared<Batches>(name, options.timeout)),
        heap_(std::make_shared<Heap>(gpu)),
        staging_(std::make_shared<Staging>(heap_)),
        kernels_(std::make_shared<const Kernels>(gpu, cache_folder_)),
        queue_(std::make_shared<Queue>(gpu, heap_->residency_set(), 0)) {
    info_.name = name;
    info_.description = describe(gpu);
    info_.memory_bytes = gpu.working_set;
    info_.max_buffer_bytes = gpu.max_buffer;
    info_.tuning_threads = kTuningThreads;
  }

  std::string cannot_compile() const override { return {}; }

  Result<std::shared_ptr<const gpu::KernelProgram>> compile(gpu::KernelText text,
                                                            const Context& context) override {
    return guard([&]() -> std::shared_ptr<const gpu::KernelProgram> {
      guard_.check(info_.name);
      context.cancel->poll();
      return std::make_shared<const Program>(gpu_, std::move(text), cache_folder_);
    });
  }

  ~MetalRuntime() override {
    if (guard_.forked()) {
      // Not this process's: nothing may be given back.
      new std::vector<std::shared_ptr<const void>>{batches_, heap_, staging_, kernels_, queue_};
      NS::SharedPtr<MTL::Device>(gpu_.device).detach();
      return;
    }
    for (const auto& [number, pending] : pending_) finish(pending);
  }

  const gpu::RuntimeInfo& info() const override { return info_; }

  Result<std::shared_ptr<gpu::Memory>> allocate(uint64_t bytes, bool poison) override {
    return guard([&]() -> std::shared_ptr<gpu::Memory> {
      guard_.check(info_.name);
      try {
        return heap_->allocate(bytes, poison);
      } catch (const Error& error) {
        if (error.kind() != FailureKind::kOutOfMemory) throw;
      }
      staging_->trim();
      return heap_->allocate(bytes, poison);
    });
  }

  std::shared_ptr<gpu::Memory> borrow(const void* data, uint64_t bytes,
                                      std::shared_ptr<const void> owner) override {
    if (guard_.forked()) return nullptr;
    auto lent = guard([&] { return heap_->borrow(data, bytes, std::move(owner)); });
    return lent.ok() ? std::move(lent).take() : nullptr;
  }

  Result<gpu::Submission> submit(std::vector<gpu::Command> commands) override {
    return guard([&] {
      guard_.check(info_.name);
      const AutoreleaseScope scope;
      const std::lock_guard encoding(encode_mutex_);
      recover();
      Encoder encoder(queue_, kernels_, *heap_, *staging_, batches_);
      try {
        for (const gpu::Command& command : commands) encoder.add(command);
        encoder.finish();
      } catch (...) {
        finish({std::move(encoder.batches), {}, {}});
        throw;
      }
      const std::lock_guard lock(pending_mutex_);
      pending_[++submitted_] = {std::move(encoder.batches), std::move(encoder.marks),
                                std::move(encoder.fetched)};
      return submitted_;
    });
  }

  Result<gpu::Completion> wait(gpu::Submission submission, const Context& context) override {
    return guard([&] {
      guard_.check(info_.name);
      const Pending pending = take(submission);
      try {
        context.cancel->poll();
        for (const auto& batch : pending.batches) batches_->wait(*batch, context.cancel.get());
      } catch (...) {
        // What was lent must not be touched any more once the caller has it back.
        finish(pending);
        throw;
      }
      for (const auto& batch : pending.batches) {
        if (batch->failure) throw Error(*batch->failure);
      }
      for (const Fetched& fetched : pending.fetched) {
        std::memcpy(fetched.to, static_cast<const std::byte*>(fetched.from->host()) + fetched.offset,
                    fetched.bytes);
      }
      gpu::Completion completion;
      for (const Mark& mark : pending.marks) completion.marks.push_back(time_of(mark));
      return completion;
    });
  }

  void abandon(gpu::Submission submission) noexcept override {
    if (guard_.forked()) return;
    const auto ended = guard([&] { finish(take(submission)); });
    static_cast<void>(ended.ok());  // nobody asks for its results
  }

 private:
  // Until the GPU is done with it, or was given up.
  void finish(const Pending& pending) noexcept {
    const auto ended = guard([&] {
      for (const auto& batch : pending.batches) batches_->wait(*batch, nullptr);
    });
    static_cast<void>(ended.ok());
  }

  Pending take(gpu::Submission submission) {
    const std::lock_guard lock(pending_mutex_);
    auto found = pending_.extract(submission);
    if (found.empty()) {
      throw Error(FailureKind::kInternal, "a submission is waited for twice, or was abandoned");
    }
    return std::move(found.mapped());
  }

  // After a failure nothing of its queue is used again.
  void recover() {
    const uint64_t failures = batches_->failures();
    if (failures == failures_) return;
    batches_->wait_until_few(0);
    queue_ = std::make_shared<Queue>(gpu_, heap_->residency_set(), queue_->batches);
    failures_ = failures;
  }

  const Gpu gpu_;
  const std::string cache_folder_;
  gpu::RuntimeInfo info_;
  gpu::ForkGuard guard_;
  const std::shared_ptr<Batches> batches_;
  const std::shared_ptr<Heap> heap_;
  const std::shared_ptr<Staging> staging_;
  const std::shared_ptr<const Kernels> kernels_;
  std::mutex encode_mutex_;  // taken before pending_mutex_
  std::shared_ptr<Queue> queue_;
  uint64_t failures_ = 0;  // seen so far
  std::mutex pending_mutex_;
  std::map<gpu::Submission, Pending> pending_;
  gpu::Submission submitted_ = 0;
};

}  // namespace

Options Options::from_environment() {
  Options options;
  options.cache_folder = openswirl::cache_folder();
  if (const char* value = std::getenv("OPENSWIRL_METAL_TIMEOUT")) {
    char* end = nullptr;
    const double seconds = std::strtod(value, &end);
    if (end == value || *end != '\0' || !(seconds > 0) || !std::isfinite(seconds)) {
      throw Error(FailureKind::kInput, std::string("OPENSWIRL_METAL_TIMEOUT is '") + value +
                                           "'; it must be a positive number of seconds");
    }
    options.timeout = std::chrono::duration<double>(seconds);
  }
  return options;
}

std::shared_ptr<gpu::Runtime> make_runtime(const Gpu& gpu, const std::string& name, const Options& options) {
  const AutoreleaseScope scope;
  return std::make_shared<MetalRuntime>(gpu, name, options);
}

}  // namespace openswirl::metal
