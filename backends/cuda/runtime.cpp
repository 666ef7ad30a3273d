#include "cuda/runtime.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <span>
#include <thread>

#include "cuda/kernels.h"
#include "cuda/memory.h"
#include "cuda/side_streams.h"
#include "cuda/uploader.h"
#include "gpu/kernel_info.h"
#include "runtime/cached_files.h"

namespace openswirl::cuda {
namespace {

// Copies up to this size pass through a pinned block of their submission.
constexpr uint64_t kStagedBytes = uint64_t{4} << 20;
constexpr uint64_t kStagedAlignment = 256;
constexpr uint32_t kPoison = 0xA5A5A5A5u;
// A wait asks without pause for this long, then more rarely.
constexpr double kSpinSeconds = 2e-3;
constexpr std::chrono::microseconds kPause{20};

// From OPENSWIRL_CUDA_TIMEOUT, in seconds.
double timeout_from_environment() {
  const char* value = std::getenv("OPENSWIRL_CUDA_TIMEOUT");
  if (!value) return 60;
  char* end = nullptr;
  const double seconds = std::strtod(value, &end);
  if (end == value || *end != '\0' || !(seconds > 0)) {
    throw Error(FailureKind::kInput, std::string("OPENSWIRL_CUDA_TIMEOUT is '") + value +
                                         "'; it must be a positive number of seconds");
  }
  return seconds;
}

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

uint64_t aligned(uint64_t bytes) {
  return (bytes + kStagedAlignment - 1) / kStagedAlignment * kStagedAlignment;
}

DevicePointer address_of(const gpu::Range& range) { return range.memory ? range.address() : 0; }

// What is on its way: all that must live until it is done, and what a wait hands out.
struct Submitted {
  struct Download {
    const std::byte* staged;
    std::byte* to;
    uint64_t bytes;
  };
  std::vector<gpu::Command> commands;
  PinnedBlocks::Block uploads, downloads;
  std::vector<Download> staged;
  std::vector<Event> marks;
  Event end = nullptr;
};

class CudaRuntime final : public gpu::Runtime {
 public:
  CudaRuntime(SharedContext context, std::shared_ptr<const Compiler> compiler, const DeviceFacts& facts,
              std::string name)
      : context_(std::move(context)),
        driver_(context_->driver()),
        compiler_(std::move(compiler)),
        capability_(facts.capability),
        cache_(cache_folder()),
        kernels_(context_, *compiler_, capability_, cache_, facts.name),
        pinned_(context_),
        uploader_(context_, pinned_),
        sides_(context_) {
    info_.name = std::move(name);
    info_.description = description(driver_, *compiler_, facts);
    info_.memory_bytes = info_.max_buffer_bytes = facts.memory_bytes;
    info_.unified_memory = false;
    info_.tuning_threads = static_cast<uint32_t>(facts.multiprocessors * facts.threads_per_multiprocessor);
    context_->use();
    driver_.check(driver_.stream_create(&stream_, kNonBlockingStream), "cuStreamCreate");
    anchor_ = take_event();
    driver_.check(driver_.event_record(anchor_, stream_), "cuEventRecord");
    driver_.check(driver_.event_synchronize(anchor_), "cuEventSynchronize");
    anchor_time_ = now();
  }

  ~CudaRuntime() override {
    // What hangs is left as it is: freeing it would wait for ever.
    if (!context_->reach() || !drained()) {
      for (auto& [number, submitted] : submitted_) leak(std::move(submitted));
      for (Submitted& submitted : abandoned_) leak(std::move(submitted));
      Submitted events;
      events.marks = std::move(free_events_);
      events.end = anchor_;
      leak(std::move(events));
      return;
    }
    for (const auto& [number, submitted] : submitted_) destroy_events(submitted);
    for (const Submitted& submitted : abandoned_) destroy_events(submitted);
    driver_.event_destroy(anchor_);
    for (const Event event : free_events_) driver_.event_destroy(event);
    driver_.stream_destroy(stream_);
  }

  const gpu::RuntimeInfo& info() const override { return info_; }

  Result<std::shared_ptr<gpu::Memory>> allocate(uint64_t bytes, bool poison) override {
    return guard([&]() -> std::shared_ptr<gpu::Memory> {
      auto memory = std::make_shared<CudaMemory>(context_, bytes);
      if (poison && bytes >= 4) {
        driver_.check(driver_.fill(memory->address(), kPoison, bytes / 4, stream_), "cuMemsetD32Async");
      }
      return memory;
    });
  }

  std::shared_ptr<gpu::Memory> borrow(const void*, uint64_t, std::shared_ptr<const void>) override {
    return nullptr;
  }

  Result<gpu::Submission> submit(std::vector<gpu::Command> commands) override {
    return guard([&] {
      const std::lock_guard lock(mutex_);
      context_->use();
      refuse_hung();
      retire_abandoned();
      Submitted submitted;
      submitted.commands = std::move(commands);
      try {
        stage(submitted);
        for (std::span<gpu::Command> rest(submitted.commands); !rest.empty();) {
          const auto unordered = rest.first(count_unordered(rest));
          if (worth_forking(unordered)) {
            enqueue_forked(unordered);
          } else {
            for (gpu::Command& command : unordered) enqueue(command, submitted);
          }
          rest = rest.subspan(unordered.size());
        }
        submitted.end = record_event();
      } catch (...) {
        // What was enqueued already may still use this memory.
        if (drained()) {
          keep_events(submitted);
        } else {
          leak(std::move(submitted));
        }
        throw;
      }
      submitted_.emplace(++last_, std::move(submitted));
      return last_;
    });
  }

  Result<gpu::Completion> wait(gpu::Submission submission, const openswirl::Context& context) override {
    return guard([&] {
      context_->use();
      Submitted submitted = take(submission);
      try {
        wait_for(submitted, context);
        for (const auto& download : submitted.staged) {
          std::memcpy(download.to, download.staged, download.bytes);
        }
        gpu::Completion completion;
        const std::lock_guard lock(mutex_);
        for (const Event mark : submitted.marks) completion.marks.push_back(time_of(mark));
        keep_events(submitted);
        return completion;
      } catch (...) {
        const std::lock_guard lock(mutex_);
        abandoned_.push_back(std::move(submitted));
        throw;
      }
    });
  }

  void abandon(gpu::Submission submission) noexcept override {
    const std::lock_guard lock(mutex_);
    const auto found = submitted_.find(submission);
    if (found == submitted_.end()) return;
    abandoned_.push_back(std::move(found->second));
    submitted_.erase(found);
  }

  std::string cannot_compile() const override { return {}; }

  Result<std::shared_ptr<const gpu::KernelProgram>> compile(gpu::KernelText text,
                                                            const openswirl::Context& context) override {
    return guard([&]() -> std::shared_ptr<const gpu::KernelProgram> {
      context.cancel->poll();
      const std::vector<char> code =
          compiled(*compiler_, capability_, cache_, "generated", text.name, text.text, nullptr);
      context.cancel->poll();
      return std::make_shared<const CudaProgram>(context_, std::move(text), code);
    });
  }

 private:
  // One pinned block each for all small uploads and all small downloads.
  void stage(Submitted& submitted) {
    uint64_t up = 0, down = 0;
    for (const gpu::Command& command : submitted.commands) {
      if (const auto* upload = std::get_if<gpu::UploadCommand>(&command.what)) {
        if (upload->to.bytes <= kStagedBytes) up += aligned(upload->to.bytes);
      } else if (const auto* download = std::get_if<gpu::DownloadCommand>(&command.what)) {
        if (download->from.bytes <= kStagedBytes) down += aligned(download->from.bytes);
      }
    }
    if (up > 0) submitted.uploads = pinned_.take(up);
    if (down > 0) submitted.downloads = pinned_.take(down);
    next_upload_ = submitted.uploads.data(), next_download_ = submitted.downloads.data();
  }

  void enqueue(gpu::Command& command, Submitted& submitted) {
    std::visit(
        gpu::Overloaded{
            [&](const gpu::DispatchCommand& c) { launch(c, stream_); },
            [&](const gpu::FillCommand& c) {
              driver_.check(driver_.fill(address_of(c.range), c.word, c.range.bytes / 4, stream_),
                            "cuMemsetD32Async of " + std::to_string(c.range.bytes) + " bytes");
            },
            [&](const gpu::CopyCommand& c) {
              driver_.check(driver_.copy_on_device(address_of(c.to), address_of(c.from), c.to.bytes, stream_),
                            "cuMemcpyDtoDAsync of " + std::to_string(c.to.bytes) + " bytes");
            },
            [&](gpu::UploadCommand& c) { upload(c); },
            [&](const gpu::DownloadCommand& c) { download(c, submitted); }, [](const gpu::DiscardCommand&) {},
            [&](const gpu::MarkCommand&) { submitted.marks.push_back(record_event()); }},
        command.what);
  }

  // How many commands from the first on may run side by side: dispatches that no barrier separates, with
  // discards, which are nothing here, between them; else 1.
  static size_t count_unordered(std::span<const gpu::Command> commands) {
    const auto may_fork = [](const gpu::Command& command) {
      return std::holds_alternative<gpu::DispatchCommand>(command.what) ||
             std::holds_alternative<gpu::DiscardCommand>(command.what);
    };
    size_t count = 1;
    while (may_fork(commands[0]) && count < commands.size() && !commands[count].after_barrier &&
           may_fork(commands[count])) {
      ++count;
    }
    return count;
  }

  // A fork pays where the device has room for it: if there is a second dispatch, and all but the largest one
  // have no more threads together than the device holds at once. More of them would fill it one after another
  // just as well, for less of the host's time.
  bool worth_forking(std::span<const gpu::Command> unordered) const {
    uint64_t dispatches = 0, all = 0, largest = 0;
    for (const gpu::Command& command : unordered) {
      const auto* dispatch = std::get_if<gpu::DispatchCommand>(&command.what);
      if (!dispatch) continue;
      const auto& [x, y, z] = dispatch->groups;
      const uint64_t threads =
          uint64_t{x} * y * z * dispatch->call.group_size(dispatch->call.info().variants[dispatch->variant]);
      ++dispatches, all += threads, largest = std::max(largest, threads);
    }
    return dispatches > 1 && all - largest <= info_.tuning_threads;
  }

  // Nothing but these runs beside the main stream: whatever comes after is behind them there.
  void enqueue_forked(std::span<const gpu::Command> unordered) {
    sides_.fork(stream_);
    size_t number = 0;
    for (const gpu::Command& command : unordered) {
      const auto* dispatch = std::get_if<gpu::DispatchCommand>(&command.what);
      if (!dispatch) continue;
      launch(*dispatch, number++ % (1 + SideStreams::kCount) == 0 ? stream_ : sides_.next());
    }
    sides_.join(stream_);
  }

  void launch(const gpu::DispatchCommand& command, Stream stream) {
    const gpu::VariantInfo& variant = command.call.info().variants[command.variant];
    parameters_.clear(), addresses_.clear();
    for (const gpu::Range& range : command.call.buffers) addresses_.push_back(address_of(range));
    for (DevicePointer& address : addresses_) parameters_.push_back(&address);
    parameters_.push_back(const_cast<std::byte*>(command.call.args.data()));
    driver_.check(driver_.launch(kernels_.function(command.call, command.variant), command.groups[0],
                                 command.groups[1], command.groups[2], command.call.group_size(variant), 1, 1,
                                 0, stream, parameters_.data(), nullptr),
                  std::string("launching kernel ") + variant.symbol);
  }

  void upload(gpu::UploadCommand& command) {
    const uint64_t bytes = command.to.bytes;
    const std::byte* from = command.borrowed ? command.borrowed : command.bytes.data();
    if (bytes > kStagedBytes) return uploader_.copy(address_of(command.to), from, bytes, stream_);
    std::memcpy(next_upload_, from, bytes);
    driver_.check(driver_.copy_to_device(address_of(command.to), next_upload_, bytes, stream_),
                  "cuMemcpyHtoDAsync of " + std::to_string(bytes) + " bytes");
    next_upload_ += aligned(bytes);
  }

  void download(const gpu::DownloadCommand& command, Submitted& submitted) {
    const uint64_t bytes = command.from.bytes;
    std::byte* to = command.to;
    if (bytes <= kStagedBytes) {
      submitted.staged.push_back({next_download_, command.to, bytes});
      to = next_download_;
      next_download_ += aligned(bytes);
    }
    // To memory that is not pinned the driver copies before it returns.
    driver_.check(driver_.copy_to_host(to, address_of(command.from), bytes, stream_),
                  "cuMemcpyDtoHAsync of " + std::to_string(bytes) + " bytes");
  }

  Submitted take(gpu::Submission submission) {
    const std::lock_guard lock(mutex_);
    const auto found = submitted_.find(submission);
    if (found == submitted_.end()) {
      throw Error(FailureKind::kInternal, "a submission is waited for twice, or was abandoned");
    }
    Submitted submitted = std::move(found->second);
    submitted_.erase(found);
    return submitted;
  }

  void wait_for(Submitted& submitted, const openswirl::Context& context) {
    const double begin = now();
    for (bool waited = false;; waited = true) {
      const Code code = driver_.event_query(submitted.end);
      if (code == kSuccess) {
        progress_ = now();
        // Seen as it happened: the latest point where the device's clock and the host's are known together.
        if (waited) move_anchor(submitted.end);
        return;
      }
      if (code != kNotReady) driver_.check(code, "running " + names_of(submitted));
      context.cancel->poll();
      if (hung_) refuse_hung();
      if (now() - std::max(begin, progress_.load()) > timeout_) {
        give_up(names_of(submitted));
        refuse_hung();
      }
      if (now() - begin > kSpinSeconds) std::this_thread::sleep_for(kPause);
    }
  }

  // Nothing was finished for so long that nothing will be.
  void give_up(const std::string& running) {
    const std::lock_guard lock(mutex_);
    if (hung_) return;
    hung_text_ =
        info_.name + " has finished nothing for " + std::to_string(timeout_) + " s while running " + running +
        "; it is given up by this process (OPENSWIRL_CUDA_TIMEOUT sets the seconds, for a device that is "
        "only slow)";
    hung_ = true;
    context_->give_up();
  }
  void refuse_hung() const {
    if (hung_) throw Error(FailureKind::kDevice, hung_text_);
  }
  // Waits until the streams are empty, no longer than the timeout. False if they are not, or cannot be told.
  bool drained() noexcept {
    if (hung_) return false;
    const auto ended = guard([&] {
      sides_.join(stream_);  // if something failed between a fork and its join
      const Event event = record_event();
      const double begin = now();
      Code code = driver_.event_query(event);
      while (code == kNotReady && now() - begin < timeout_) {
        std::this_thread::sleep_for(kPause);
        code = driver_.event_query(event);
      }
      // After an error nothing runs any more.
      if (code != kNotReady) free_events_.push_back(event);
      return code != kNotReady;
    });
    // A device that takes no event has lost its context: nothing runs there.
    Result<bool> result = ended;
    return !result.ok() || std::move(result).take();
  }
  // Kept for the rest of the process: a device that hangs may still touch it.
  static void leak(Submitted submitted) {
    static std::mutex mutex;
    static auto* const kept = new std::vector<Submitted>;
    const std::lock_guard lock(mutex);
    kept->push_back(std::move(submitted));
  }

  // The kernels among which one failed.
  static std::string names_of(const Submitted& submitted) {
    std::vector<std::string> names;
    for (const gpu::Command& command : submitted.commands) {
      const auto* dispatch = std::get_if<gpu::DispatchCommand>(&command.what);
      if (!dispatch) continue;
      const std::string name = dispatch->call.info().variants[dispatch->variant].symbol;
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
    if (names.empty()) return "copies";
    std::string text = names.size() == 1 ? "kernel " + names[0] : "one of the kernels " + names[0];
    for (size_t i = 1; i < names.size(); ++i) text += ", " + names[i];
    return names.size() == 1 ? text : text + " (CUDA_LAUNCH_BLOCKING=1 tells which)";
  }

  // Events

  Event take_event() {
    if (!free_events_.empty()) {
      const Event event = free_events_.back();
      free_events_.pop_back();
      return event;
    }
    Event event = nullptr;
    driver_.check(driver_.event_create(&event, 0), "cuEventCreate");
    return event;
  }
  Event record_event() {
    const Event event = take_event();
    const Code code = driver_.event_record(event, stream_);
    if (code != kSuccess) free_events_.push_back(event);
    driver_.check(code, "cuEventRecord");
    return event;
  }
  void keep_events(Submitted& submitted) {
    free_events_.insert(free_events_.end(), submitted.marks.begin(), submitted.marks.end());
    submitted.marks.clear();
    if (submitted.end) free_events_.push_back(submitted.end);
    submitted.end = nullptr;
  }
  void destroy_events(const Submitted& submitted) {
    for (const Event mark : submitted.marks) driver_.event_destroy(mark);
    if (submitted.end) driver_.event_destroy(submitted.end);
  }

  // `end` was just seen to have happened.
  void move_anchor(Event& end) {
    const double time = now();
    const std::lock_guard lock(mutex_);
    std::swap(anchor_, end);
    anchor_time_ = time;
  }
  // On the host's steady clock.
  double time_of(Event mark) const {
    float milliseconds = 0;
    driver_.check(driver_.event_elapsed(&milliseconds, anchor_, mark), "cuEventElapsedTime");
    return anchor_time_ + 1e-3 * static_cast<double>(milliseconds);
  }

  void retire_abandoned() {
    std::erase_if(abandoned_, [&](Submitted& submitted) {
      if (submitted.end && driver_.event_query(submitted.end) == kNotReady) return false;
      keep_events(submitted);
      return true;
    });
  }

  SharedContext context_;
  const Driver& driver_;
  const double timeout_ = timeout_from_environment();
  std::atomic<double> progress_{0};  // when something was last seen to be finished
  std::atomic<bool> hung_{false};
  std::string hung_text_;  // set before hung_
  gpu::RuntimeInfo info_;
  std::shared_ptr<const Compiler> compiler_;
  int capability_;
  CodeCache cache_;
  Kernels kernels_;
  PinnedBlocks pinned_;
  Uploader uploader_;
  Stream stream_ = nullptr;

  std::mutex mutex_;  // of all below, and of the order in the stream
  SideStreams sides_;
  gpu::Submission last_ = 0;
  std::map<gpu::Submission, Submitted> submitted_;
  std::vector<Submitted> abandoned_;
  std::vector<Event> free_events_;
  Event anchor_ = nullptr;
  double anchor_time_ = 0;
  // Of the submission that is being enqueued.
  std::byte* next_upload_ = nullptr;
  std::byte* next_download_ = nullptr;
  std::vector<DevicePointer> addresses_;
  std::vector<void*> parameters_;
};

}  // namespace

std::string description(const Driver& driver, const Compiler& compiler, const DeviceFacts& facts) {
  const int version = driver.version_number;
  return facts.name + ", sm_" + std::to_string(facts.capability) + ", " +
         std::to_string(facts.multiprocessors) + " multiprocessors, driver for CUDA " +
         std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10) + ", " + compiler.name();
}

std::shared_ptr<gpu::Runtime> make_runtime(const Driver& driver, std::shared_ptr<const Compiler> compiler,
                                           int index, std::string name) {
  const DeviceFacts facts = device_facts(driver, index);
  return std::make_shared<CudaRuntime>(std::make_shared<const DeviceContext>(driver, index),
                                       std::move(compiler), facts, std::move(name));
}

}  // namespace openswirl::cuda
