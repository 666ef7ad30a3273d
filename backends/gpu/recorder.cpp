#include "gpu/recorder.h"

#include <algorithm>
#include <utility>

#include "runtime/environment.h"

namespace openswirl::gpu {
namespace {

constexpr uint64_t kMaxGroupsX = uint64_t{1} << 31, kMaxGroupsYZ = 65535;
constexpr uint32_t kSimdThreads = 32;  // of a SIMD group

[[noreturn]] void refuse(const Call& call, const std::string& why) {
  throw Error(FailureKind::kInternal, std::string("kernel ") + call.info().name + ": " + why);
}

void require_inside(const Range& range, const char* what) {
  if (!range.memory || range.offset > range.memory->bytes() ||
      range.bytes > range.memory->bytes() - range.offset) {
    throw Error(FailureKind::kInternal, std::string(what) + " leaves its memory");
  }
}

bool overlap(const Range& a, const Range& b) {
  return a.memory == b.memory && a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
}

bool contains(const Range& whole, const Range& part) {
  return whole.memory == part.memory && whole.offset <= part.offset &&
         part.offset + part.bytes <= whole.offset + whole.bytes;
}

}  // namespace

Recorder::Recorder(std::shared_ptr<Runtime> runtime, const Tuning& tuning)
    : runtime_(std::move(runtime)),
      tuning_(tuning),
      time_kernels_(switched_on("OPENSWIRL_KERNEL_TIMES", false)) {}

Recorder::~Recorder() {
  recording_->submissions = Recording::kOver;
  for (const auto& [submission, work] : unread_) runtime_->abandon(submission);
}

Recorder::DisjointWrites::DisjointWrites(Recorder& recorder, Range range) : recorder_(recorder) {
  if (recorder.disjoint_writes_) {
    throw Error(FailureKind::kInternal, "disjoint writes are announced twice at a time");
  }
  require_inside(range, "a range of disjoint writes");
  recorder.disjoint_writes_ = std::move(range);
}

Recorder::DisjointWrites::~DisjointWrites() {
  recorder_.disjoint_writes_.reset();
  for (Ordered& earlier : recorder_.since_barrier_) earlier.disjoint = false;
}

Recorder::Ordered Recorder::ordered(const Use& use, const Command& command) const {
  return {use, disjoint_writes_ && use.access == Access::kWrite && contains(*disjoint_writes_, use.range) &&
                   std::holds_alternative<DispatchCommand>(command.what)};
}

bool Recorder::conflicts(const Ordered& later) const {
  for (const auto& [use, disjoint] : since_barrier_) {
    if (disjoint && later.disjoint) continue;
    if ((writes(use.access) || writes(later.use.access)) && overlap(use.range, later.use.range)) return true;
  }
  return false;
}

void Recorder::add(Command command, std::span<const Use> uses) {
  for (const Use& use : uses) command.after_barrier |= conflicts(ordered(use, command));
  if (command.after_barrier) since_barrier_.clear();
  for (const Use& use : uses) {
    since_barrier_.push_back(ordered(use, command));
    activity_.bytes_touched += use.bytes();
  }
  commands_.push_back(std::move(command));
}

uint32_t Recorder::variant(const Call& call) const {
  return call.program ? 0 : tuning_[static_cast<size_t>(call.kernel)];
}

void Recorder::dispatch(const Call& call, uint64_t x, uint32_t y, uint32_t z) {
  const KernelInfo& info = call.info();
  if (x == 0 || y == 0 || z == 0) return;
  if (x > kMaxGroupsX || y > kMaxGroupsYZ || z > kMaxGroupsYZ) refuse(call, "the grid is too large");
  if (call.buffers.size() != info.buffers.size()) refuse(call, "wrong number of buffers");
  if (call.args.size() != info.args_bytes) refuse(call, "wrong size of arguments");
  if (call.group > info.variants[variant(call)].group || call.group % kSimdThreads != 0) {
    refuse(call, "wrong number of threads in a group");
  }
  std::vector<Use> uses = call.uses;
  for (size_t i = 0; i < call.buffers.size(); ++i) {
    require_inside(call.buffers[i], info.buffers[i].name);
    if (call.buffers[i].offset % 4 != 0) {
      refuse(call, std::string("buffer ") + info.buffers[i].name + " does not begin at a word");
    }
    uses.push_back({call.buffers[i], info.buffers[i].access});
  }
  for (const Use& use : call.uses) require_inside(use.range, "a range reached by address");
  ++activity_.dispatches;
  if (time_kernels_) dispatched_.emplace_back(info.variants[variant(call)].symbol, raw_mark());
  add({DispatchCommand{call, variant(call), {static_cast<uint32_t>(x), y, z}}}, uses);
  last_dispatch_ = commands_.size() - 1;
  if (time_kernels_) raw_mark();
}

void Recorder::give_args(size_t dispatch, std::span<const std::byte> args) {
  auto* const command =
      dispatch < commands_.size() ? std::get_if<DispatchCommand>(&commands_[dispatch].what) : nullptr;
  if (!command || command->call.args.size() != args.size()) {
    throw Error(FailureKind::kInternal, "arguments for no dispatch that was recorded");
  }
  std::ranges::copy(args, command->call.args.begin());
}

void Recorder::threads(const Call& call, uint64_t x, uint32_t y, uint32_t z) {
  const uint32_t group = call.group_size(call.info().variants[variant(call)]);
  dispatch(call, (x + group - 1) / group, y, z);
}

void Recorder::groups(const Call& call, uint64_t x, uint32_t y, uint32_t z) { dispatch(call, x, y, z); }

void Recorder::fill(const Range& range, uint32_t word) {
  if (range.bytes == 0) return;
  require_inside(range, "a fill");
  const Use use{range, Access::kWrite};
  add({FillCommand{range, word}}, {&use, 1});
}

void Recorder::discard(const Range& range) {
  if (range.bytes == 0) return;
  require_inside(range, "a discard");
  const Use use{range, Access::kWrite};
  activity_.bytes_touched -= range.bytes;  // nothing moves
  add({DiscardCommand{range}}, {&use, 1});
}

void Recorder::copy(const Range& from, const Range& to) {
  if (from.bytes == 0) return;
  require_inside(from, "a copy");
  require_inside(to, "a copy");
  if (from.bytes != to.bytes || overlap(from, to)) {
    throw Error(FailureKind::kInternal, "a copy between ranges that differ in size or overlap");
  }
  const Use uses[] = {{from, Access::kRead}, {to, Access::kWrite}};
  add({CopyCommand{from, to}}, uses);
}

void Recorder::upload(std::span<const std::byte> bytes, const Range& to) {
  if (bytes.empty()) return;
  require_inside(to, "an upload");
  const Use use{to, Access::kWrite};
  activity_.bytes_uploaded += bytes.size();
  add({UploadCommand{to, {bytes.begin(), bytes.end()}, nullptr}}, {&use, 1});
}

void Recorder::upload_borrowed(std::span<const std::byte> bytes, const Range& to, bool is_table) {
  if (bytes.empty()) return;
  require_inside(to, "an upload");
  const Use use{to, Access::kWrite};
  activity_.bytes_uploaded += bytes.size();
  add({UploadCommand{to, {}, bytes.data(), is_table}}, {&use, 1});
}

void Recorder::download(const Range& from, std::span<std::byte> to) {
  if (to.empty()) return;
  require_inside(from, "a download");
  const Use use{from, Access::kRead};
  activity_.bytes_downloaded += to.size();
  add({DownloadCommand{from, to.data()}}, {&use, 1});
}

size_t Recorder::raw_mark() {
  // A barrier, so that the time before the mark is that of the commands before it.
  since_barrier_.clear();
  commands_.push_back({MarkCommand{}, true});
  return raw_marks_++;
}

size_t Recorder::mark() {
  marks_.push_back(raw_mark());
  return marks_.size() - 1;
}

void Recorder::submit() {
  if (commands_.empty()) return;
  // Submissions are ordered among themselves.
  since_barrier_.clear();
  const Submission submission = runtime_->submit(std::exchange(commands_, {})).take();
  ++recording_->submissions;
  ++activity_.submissions;
  unread_.emplace_back(submission, activity_);
}

std::vector<double> Recorder::wait(const Context& context) {
  submit();
  const std::vector<double> times = wait_until(submitted(), context);
  marks_.clear(), times_.clear();
  raw_marks_ = 0;
  return times;
}

std::vector<double> Recorder::wait_until(uint64_t submitted, const Context& context) {
  timed_.clear();
  const uint64_t read = activity_.submissions - unread_.size();
  if (submitted > read) {
    const uint64_t waits = ++activity_.waits;
    for (uint64_t i = read; i < submitted; ++i) {
      const auto [submission, work] = unread_.front();
      unread_.erase(unread_.begin());
      const Completion completion = runtime_->wait(submission, context).take();
      finished_ = work;
      times_.insert(times_.end(), completion.marks.begin(), completion.marks.end());
    }
    finished_.waits = waits;
  }
  const auto passed = [&](size_t mark) { return mark < times_.size(); };
  std::erase_if(dispatched_, [&](const auto& dispatch) {
    const auto& [symbol, before] = dispatch;
    if (!passed(before + 1)) return false;
    timed_.push_back({symbol, times_[before], times_[before + 1]});
    return true;
  });
  std::vector<double> times;
  for (const size_t mark : marks_) {
    if (passed(mark)) times.push_back(times_[mark]);
  }
  return times;
}

}  // namespace openswirl::gpu
