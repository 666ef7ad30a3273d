#include "null/runtime.h"

#include <sys/mman.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <map>
#include <mutex>

#include "sim/executor.h"
#include "sim/memory.h"

namespace openswirl::null_device {
namespace {

// Longer ones are the proof's data; control flow depends on none of them.
constexpr uint64_t kLongestFill = 4096;

// Pages that nobody writes take no memory, so plans may be larger than the machine.
std::shared_ptr<gpu::Memory> zero_pages(uint64_t bytes) {
  void* data =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (data == MAP_FAILED) {
    throw Error(FailureKind::kOutOfMemory,
                "no room in the address space for a planned array of " + std::to_string(bytes) + " bytes");
  }
  const std::shared_ptr<std::byte> memory(static_cast<std::byte*>(data),
                                          [bytes](std::byte* pages) { munmap(pages, bytes); });
  return std::make_shared<sim::SimMemory>(memory, bytes, false);
}

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

class NullRuntime final : public gpu::Runtime {
 public:
  explicit NullRuntime(bool unified_memory) : executor_(sim::Schedule{}) {
    info_.name = unified_memory ? "null" : "null:1";
    info_.description = std::string("plans proofs for a GPU with ") +
                        (unified_memory ? "unified memory" : "memory of its own") + ", executes nothing";
    info_.unified_memory = unified_memory;
    info_.executes = false;
  }

  const gpu::RuntimeInfo& info() const override { return info_; }

  Result<std::shared_ptr<gpu::Memory>> allocate(uint64_t bytes, bool) override {
    return guard([&] { return zero_pages(bytes); });
  }

  // The caller's values are read by nobody.
  std::shared_ptr<gpu::Memory> borrow(const void*, uint64_t bytes, std::shared_ptr<const void>) override {
    if (bytes == 0 || !info_.unified_memory) return nullptr;
    return zero_pages(bytes);
  }

  Result<gpu::Submission> submit(std::vector<gpu::Command> commands) override {
    return guard([&] {
      const std::lock_guard lock(mutex_);
      submitted_.emplace(++last_, std::move(commands));
      return last_;
    });
  }

  Result<gpu::Completion> wait(gpu::Submission submission, const Context& context) override {
    return guard([&] {
      std::vector<gpu::Command> commands;
      {
        const std::lock_guard lock(mutex_);
        const auto found = submitted_.find(submission);
        if (found == submitted_.end()) {
          throw Error(FailureKind::kInternal, "a submission is waited for twice, or was abandoned");
        }
        commands = std::move(found->second);
        submitted_.erase(found);
      }
      gpu::Completion completion;
      for (const gpu::Command& command : commands) {
        context.cancel->poll();
        plan(command, *context.spans, completion.marks);
      }
      return completion;
    });
  }

  void abandon(gpu::Submission submission) noexcept override {
    const std::lock_guard lock(mutex_);
    submitted_.erase(submission);
  }

 private:
  // Strictly increasing, so that a mark lies between its neighbours.
  double tick() {
    const std::lock_guard lock(mutex_);
    return tick_ = std::max(now(), tick_ + 1e-8);
  }

  void plan(const gpu::Command& command, SpanRecorder& spans, std::vector<double>& marks) {
    const auto note = [&](const char* name, uint64_t read, uint64_t written) {
      PlannedCommand planned;
      planned.name = name;
      planned.bytes_read = read, planned.bytes_written = written;
      spans.note_planned(std::move(planned), tick());
    };
    std::visit(gpu::Overloaded{[&](const gpu::DispatchCommand& c) { spans.note_planned(count(c), tick()); },
                               [&](const gpu::FillCommand& c) {
                                 write_small_fill(c);
                                 note("fill", 0, c.range.bytes);
                               },
                               [&](const gpu::CopyCommand& c) { note("copy", c.from.bytes, c.to.bytes); },
                               [&](const gpu::UploadCommand& c) {
                                 write_table(c);
                                 note("upload", 0, c.to.bytes);
                               },
                               [&](const gpu::DownloadCommand& c) {
                                 std::memset(c.to, 0, c.from.bytes);
                                 note("download", c.from.bytes, 0);
                               },
                               [](const gpu::DiscardCommand&) {},
                               [&](const gpu::MarkCommand&) { marks.push_back(tick()); }},
               command.what);
  }

  // Traces and whole commitments would touch the pages of arrays.
  static void write_table(const gpu::UploadCommand& upload) {
    if (!upload.is_table) return;
    const std::byte* from = upload.borrowed ? upload.borrowed : upload.bytes.data();
    std::copy_n(from, upload.to.bytes, sim::data(upload.to));
  }

  static void write_small_fill(const gpu::FillCommand& fill) {
    if (fill.range.bytes > kLongestFill) return;
    auto* words = reinterpret_cast<uint32_t*>(sim::data(fill.range));
    std::fill_n(words, fill.range.bytes / 4, fill.word);
  }

  PlannedCommand count(const gpu::DispatchCommand& dispatch) {
    const gpu::KernelInfo& info = dispatch.call.info();
    const gpu::VariantInfo& variant = info.variants[dispatch.variant];
    PlannedCommand planned;
    planned.name = variant.symbol;
    planned.groups = uint64_t{dispatch.groups[0]} * dispatch.groups[1] * dispatch.groups[2];
    planned.group_size = dispatch.call.group_size(variant);
    const auto add = [&](const gpu::Use& use) {
      if (gpu::reads(use.access)) planned.bytes_read += use.bytes();
      if (gpu::writes(use.access)) planned.bytes_written += use.bytes();
    };
    for (size_t i = 0; i < dispatch.call.buffers.size(); ++i) {
      add({dispatch.call.buffers[i], info.buffers[i].access});
    }
    for (const gpu::Use& use : dispatch.call.uses) add(use);

    sim::Counts counted = executor_.sample(dispatch, kCountedGroups);
    if (counted.groups < planned.groups && counted.weight() < kEnoughCounted) {
      // Cheap groups may differ from trace to trace.
      counted = executor_.sample(dispatch, kCountedGroups * (kEnoughCounted / (counted.weight() + 1) + 1));
    }
    planned.groups_counted = counted.groups;
    planned.operations = counted;
    planned.operations.scale(planned.groups, counted.groups);
    planned.longest = counted.longest;
    return planned;
  }

  gpu::RuntimeInfo info_;
  sim::Executor executor_;
  std::mutex mutex_;
  std::map<gpu::Submission, std::vector<gpu::Command>> submitted_;
  gpu::Submission last_ = 0;
  double tick_ = 0;
};

}  // namespace

std::shared_ptr<gpu::Runtime> make_runtime(bool unified_memory) {
  return std::make_shared<NullRuntime>(unified_memory);
}

}  // namespace openswirl::null_device
