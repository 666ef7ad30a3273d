#include "sim/runtime.h"

#include <algorithm>
#include <deque>
#include <mutex>
#include <random>

#include "runtime/machine.h"
#include "sim/executor.h"
#include "sim/memory.h"

namespace openswirl::sim {
namespace {

const char* order_name(Order order) {
  return order == Order::kForward ? "forward" : order == Order::kReverse ? "reverse" : "random";
}

struct Pending {
  gpu::Submission number;
  std::vector<gpu::Command> commands;
};

class Emulator final : public SimRuntime {
 public:
  explicit Emulator(const Options& options) : options_(options), executor_(options.schedule) {
    info_.name = "sim";
    info_.description = std::string("emulated GPU, ") + order_name(options.schedule.order) + " order, " +
                        (options.shadow ? "every access checked" : "accesses not checked");
    info_.memory_bytes = physical_memory();
    info_.max_buffer_bytes = info_.memory_bytes;
  }

  const gpu::RuntimeInfo& info() const override { return info_; }

  Result<std::shared_ptr<gpu::Memory>> allocate(uint64_t bytes, bool poison) override {
    return guard([&]() -> std::shared_ptr<gpu::Memory> {
      return std::make_shared<SimMemory>(bytes, poison, options_.shadow);
    });
  }

  std::shared_ptr<gpu::Memory> borrow(const void* data, uint64_t bytes,
                                      std::shared_ptr<const void> owner) override {
    if (bytes == 0 || reinterpret_cast<uintptr_t>(data) % 16 != 0) return nullptr;
    // Kernels only read what was lent; the bindings' access is checked.
    auto* memory = static_cast<std::byte*>(const_cast<void*>(data));
    return std::make_shared<SimMemory>(std::shared_ptr<std::byte>(owner, memory), bytes, options_.shadow);
  }

  Result<gpu::Submission> submit(std::vector<gpu::Command> commands) override {
    const std::lock_guard lock(queue_mutex_);
    const gpu::Submission number = ++submitted_;
    return guard([&] {
      queue_.push_back({number, std::move(commands)});
      return number;
    });
  }

  Result<gpu::Completion> wait(gpu::Submission submission, const Context& context) override {
    return guard([&] {
      const std::lock_guard running(run_mutex_);
      while (auto pending = next_up_to(submission)) {
        const bool own = pending->number == submission;
        Context use = context;
        // A cancellation ends the caller's work, not that of other sessions before it.
        if (!own) use.cancel = std::make_shared<CancelToken>();
        finished_.emplace(pending->number, guard([&] { return execute(*pending, use); }));
      }
      const auto found = finished_.find(submission);
      if (found == finished_.end()) {
        throw Error(FailureKind::kInternal, "a submission is waited for twice, or was abandoned");
      }
      Result<gpu::Completion> result = std::move(found->second);
      finished_.erase(found);
      return std::move(result).take();
    });
  }

  void abandon(gpu::Submission submission) noexcept override {
    const std::lock_guard running(run_mutex_);
    const std::lock_guard lock(queue_mutex_);
    finished_.erase(submission);
    std::erase_if(queue_, [&](const Pending& pending) { return pending.number == submission; });
  }

  std::string cannot_compile() const override {
    return options_.compiler ? std::string() : "the emulator runs kernels that were compiled with it";
  }
  Result<std::shared_ptr<const gpu::KernelProgram>> compile(gpu::KernelText text,
                                                            const Context& context) override {
    if (!options_.compiler) return Runtime::compile(std::move(text), context);
    return guard([&]() -> std::shared_ptr<const gpu::KernelProgram> {
      CompiledText compiled = options_.compiler(text);
      return std::make_shared<const SimProgram>(std::move(text), std::move(compiled));
    });
  }

  std::map<std::string, Counts> counts() const override { return executor_.counts(); }

 private:
  std::optional<Pending> next_up_to(gpu::Submission submission) {
    const std::lock_guard lock(queue_mutex_);
    if (queue_.empty() || queue_.front().number > submission) return std::nullopt;
    Pending pending = std::move(queue_.front());
    queue_.pop_front();
    return pending;
  }

  // Whatever no barrier orders runs in the order of the schedule.
  gpu::Completion execute(const Pending& pending, const Context& context) {
    gpu::Completion completion;
    const auto& commands = pending.commands;
    for (size_t begin = 0; begin < commands.size();) {
      size_t end = begin + 1;
      while (end < commands.size() && !commands[end].after_barrier) ++end;
      std::vector<const gpu::Command*> section;
      for (size_t i = begin; i < end; ++i) section.push_back(&commands[i]);
      const bool marked = std::holds_alternative<gpu::MarkCommand>(commands[begin].what);
      const auto movable = section.begin() + (marked ? 1 : 0);
      if (options_.schedule.order == Order::kReverse) std::reverse(movable, section.end());
      if (options_.schedule.order == Order::kRandom) {
        std::shuffle(movable, section.end(), std::mt19937_64(options_.schedule.seed + section.size()));
      }
      for (const gpu::Command* command : section) {
        context.cancel->poll();
        executor_.run(*command, context, completion.marks);
      }
      begin = end;
    }
    return completion;
  }

  Options options_;
  gpu::RuntimeInfo info_;
  Executor executor_;
  std::mutex queue_mutex_, run_mutex_;  // the second is taken first
  std::deque<Pending> queue_;
  gpu::Submission submitted_ = 0;
  std::map<gpu::Submission, Result<gpu::Completion>> finished_;
};

}  // namespace

Options Options::from_environment() {
  Options options;
  if (const char* value = std::getenv("OPENSWIRL_SIM_ORDER")) {
    const std::string order = value;
    const size_t colon = order.find(':');
    const std::string seed = colon == std::string::npos ? "1" : order.substr(colon + 1);
    const bool number =
        !seed.empty() && seed.size() < 19 && seed.find_first_not_of("0123456789") == std::string::npos;
    if (order == "reverse") {
      options.schedule.order = Order::kReverse;
    } else if (order.substr(0, colon) == "random" && number) {
      options.schedule = {Order::kRandom, std::stoull(seed)};
    } else if (order != "forward") {
      throw Error(FailureKind::kInput, "OPENSWIRL_SIM_ORDER is '" + order +
                                           "'; it must be forward, reverse, random or random:SEED");
    }
  }
  if (const char* value = std::getenv("OPENSWIRL_SIM_SHADOW")) {
    if (std::string(value) != "on" && std::string(value) != "off") {
      throw Error(FailureKind::kInput,
                  std::string("OPENSWIRL_SIM_SHADOW is '") + value + "'; it must be on or off");
    }
    options.shadow = std::string(value) == "on";
  }
  return options;
}

std::shared_ptr<SimRuntime> make_runtime(const Options& options) {
  return std::make_shared<Emulator>(options);
}

}  // namespace openswirl::sim
