#include "sim/executor.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <numeric>

#include "openswirl/failure.h"
#include "sim/memory.h"

namespace openswirl::sim {
namespace {

uint64_t first_word(const gpu::Range& range) { return range.offset / 4; }
uint64_t word_count(const gpu::Range& range) { return range.bytes / 4; }

void require_written(const gpu::Range& range, const char* what) {
  Shadow* cells = shadow(range);
  if (!cells) return;
  const uint64_t first = first_word(range), count = word_count(range);
  const uint64_t bad = cells->find_unwritten(first, count);
  if (bad != first + count) {
    throw Error(FailureKind::kDevice, std::string(what) + " reads word " + std::to_string(bad - first) +
                                          " of " + std::to_string(count) + ", which nobody wrote");
  }
}

void set_written(const gpu::Range& range) {
  if (Shadow* cells = shadow(range)) cells->set_written(first_word(range), word_count(range));
}

void run_fill(const gpu::FillCommand& fill) {
  auto* words = reinterpret_cast<uint32_t*>(data(fill.range));
  std::fill_n(words, word_count(fill.range), fill.word);
  set_written(fill.range);
}

void run_copy(const gpu::CopyCommand& copy) {
  require_written(copy.from, "a copy");
  std::memcpy(data(copy.to), data(copy.from), copy.to.bytes);
  set_written(copy.to);
}

void run_upload(const gpu::UploadCommand& upload) {
  std::memcpy(data(upload.to), upload.borrowed ? upload.borrowed : upload.bytes.data(), upload.to.bytes);
  set_written(upload.to);
}

void run_download(const gpu::DownloadCommand& download) {
  require_written(download.from, "a download");
  std::memcpy(download.to, data(download.from), download.from.bytes);
}

void run_discard(const gpu::DiscardCommand& discard) {
  if (Shadow* cells = shadow(discard.range)) {
    cells->set_unwritten(first_word(discard.range), word_count(discard.range));
  }
}

// Of this thread of the operating system; its fibres are used again.
GroupRunner& own_runner() {
  thread_local GroupRunner runner;
  return runner;
}

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

SimProgram::SimProgram(gpu::KernelText text, CompiledText compiled)
    : gpu::KernelProgram(std::move(text)), compiled_(std::move(compiled)) {
  bool equal = compiled_.entries.size() == kernels().size();
  for (size_t i = 0; equal && i < kernels().size(); ++i) {
    const Entry& entry = compiled_.entries[i];
    equal = entry.symbol == std::string_view(kernels()[i].variants[0].symbol) &&
            entry.num_buffers == kernels()[i].buffers.size() && entry.args_bytes == kernels()[i].args_bytes;
  }
  if (!equal) {
    throw Error(FailureKind::kInternal, this->text().name + ": its kernels are not those that it declares");
  }
}

Counts run_groups(const Launch& launch, const Context& context) {
  const uint64_t all = uint64_t{launch.groups.x} * launch.groups.y * launch.groups.z;
  if (all > UINT32_MAX) {
    throw Error(FailureKind::kUnsupported,
                "[sim] a dispatch of " + std::to_string(all) + " groups; at most 2^32 - 1 are emulated");
  }
  const auto count = static_cast<uint32_t>(all);
  std::vector<uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0u);
  if (launch.schedule.order == Order::kReverse) std::reverse(order.begin(), order.end());
  if (launch.schedule.order == Order::kRandom) {
    std::shuffle(order.begin(), order.end(), std::mt19937_64(launch.schedule.seed + count));
  }
  Counts total;
  std::mutex total_mutex;
  const size_t grain = std::clamp<size_t>(count / (8 * size_t{context.pool->size()}), 1, 64);
  context.parallel_for(count, grain, [&](size_t begin, size_t end) {
    GroupRunner& runner = own_runner();
    sim::counts = {};
    for (size_t i = begin; i < end; ++i) runner.run(launch, order[i]);
    const std::lock_guard lock(total_mutex);
    total += sim::counts;
  });
  return total;
}

Executor::Executor(const Schedule& schedule) : schedule_(schedule) {
  for (const auto& family : entry_families()) {
    for (const Entry& entry : family) entries_.emplace(entry.symbol, &entry);
  }
}

void Executor::run(const gpu::Command& command, const Context& context, std::vector<double>& marks) {
  std::visit(gpu::Overloaded{[&](const gpu::DispatchCommand& c) { dispatch(c, context); },
                             [](const gpu::FillCommand& c) { run_fill(c); },
                             [](const gpu::CopyCommand& c) { run_copy(c); },
                             [](const gpu::UploadCommand& c) { run_upload(c); },
                             [](const gpu::DownloadCommand& c) { run_download(c); },
                             [](const gpu::DiscardCommand& c) { run_discard(c); },
                             [&](const gpu::MarkCommand&) { marks.push_back(now()); }},
             command.what);
}

Launch Executor::launch(const gpu::DispatchCommand& command) const {
  const gpu::KernelInfo& info = command.call.info();
  const gpu::VariantInfo& variant = info.variants[command.variant];
  Launch launch;
  launch.entry = command.call.program ? &dynamic_cast<const SimProgram&>(*command.call.program)
                                             .entry(static_cast<size_t>(command.call.kernel))
                                      : entries_.at(variant.symbol);
  launch.args = command.call.args.data();
  launch.group_size = command.call.group_size(variant);
  launch.threadgroup_bytes = variant.threadgroup_bytes;
  launch.groups = {command.groups[0], command.groups[1], command.groups[2]};
  launch.schedule = schedule_;

  std::map<Shadow*, uint32_t> numbers;  // a memory bound twice is touched by one dispatch
  const auto bind = [&](const gpu::Range& range, gpu::Access access, const char* name) {
    if (!range.memory) return;
    Shadow* cells = shadow(range);
    if (cells && !numbers.contains(cells)) numbers[cells] = cells->begin_dispatch();
    const std::byte* begin = data(range);
    launch.bound.push_back({begin, begin + range.bytes, static_cast<const std::byte*>(range.memory->host()),
                            name, access, cells, cells ? numbers[cells] : 0});
  };
  for (size_t i = 0; i < command.call.buffers.size(); ++i) {
    const gpu::Range& range = command.call.buffers[i];
    bind(range, info.buffers[i].access, info.buffers[i].name);
    launch.buffers.push_back(range.memory ? data(range) : nullptr);
  }
  for (const gpu::Use& use : command.call.uses) bind(use.range, use.access, "a range reached by address");
  return launch;
}

Counts Executor::sample(const gpu::DispatchCommand& command, uint64_t sample) const {
  const Launch launch = this->launch(command);
  const uint64_t count = uint64_t{launch.groups.x} * launch.groups.y * launch.groups.z;
  const uint64_t taken = std::min(count, sample);
  GroupRunner& runner = own_runner();
  sim::counts = {};
  // Last ones first: a search then never finds that an earlier group was faster.
  for (uint64_t i = taken; i-- > 0;) {
    runner.run(launch, static_cast<uint32_t>((2 * i + 1) * count / (2 * taken)));
  }
  return sim::counts;
}

void Executor::dispatch(const gpu::DispatchCommand& command, const Context& context) {
  const Launch launch = this->launch(command);
  Counts total = run_groups(launch, context);
  ++total.dispatches;
  const std::lock_guard lock(mutex_);
  counts_[launch.entry->symbol] += total;
}

std::map<std::string, Counts> Executor::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

}  // namespace openswirl::sim
