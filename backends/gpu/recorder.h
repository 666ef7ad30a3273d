// Records commands, orders them by the bytes they touch, submits them and waits. One per session; not for
// several threads at once. With OPENSWIRL_KERNEL_TIMES=on every dispatch is timed, and waited for before the
// next.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "gpu/kernel_info.h"
#include "gpu/kernels.h"
#include "gpu/runtime.h"

namespace openswirl::gpu {

// Which variant of every kernel to run.
using Tuning = std::array<uint8_t, kNumKernels>;

// How far a recorder has come: memory that it gave back is free for others once what it recorded before that
// is submitted.
struct Recording {
  std::atomic<uint64_t> submissions{0};
  static constexpr uint64_t kOver = ~uint64_t{0};  // the recorder is gone, with what it had not submitted
};

class Recorder {
 public:
  // Throws Error{kInput} if OPENSWIRL_KERNEL_TIMES is neither "on" nor "off", the default.
  Recorder(std::shared_ptr<Runtime> runtime, const Tuning& tuning);
  // Abandons what nobody waited for.
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  // Of what is recorded from here on.
  void retune(const Tuning& tuning) { tuning_ = tuning; }

  // One thread per item: as many groups as cover x threads, y and z groups.
  void threads(const Call& call, uint64_t x, uint32_t y = 1, uint32_t z = 1);
  void groups(const Call& call, uint64_t x, uint32_t y = 1, uint32_t z = 1);
  // The place of the dispatch that was recorded last, until it is submitted: its arguments can be given
  // later.
  size_t last_dispatch() const { return last_dispatch_; }
  template <class Args>
  void give_args(size_t dispatch, const Args& args) {
    give_args(dispatch, std::as_bytes(std::span(&args, 1)));
  }

  void fill(const Range& range, uint32_t word);
  // The contents are undefined until written again.
  void discard(const Range& range);
  void copy(const Range& from, const Range& to);
  // Copies the bytes now.
  void upload(std::span<const std::byte> bytes, const Range& to);
  // Reads the bytes until a wait for the submission; the caller keeps them. Values, or a table by which
  // kernels find their way.
  void upload_borrowed(std::span<const std::byte> bytes, const Range& to, bool is_table = false);
  // `to` is written by the end of the wait.
  void download(const Range& from, std::span<std::byte> to);
  // Index of a time stamp in the result of wait().
  size_t mark();

  // While it lives, the dispatches that only write in the range do so in places of their own: they are not
  // ordered among themselves, whatever parts of it they bind. All else is ordered as ever: what reads there,
  // what is written by other commands, before or after. One at a time for a recorder.
  class DisjointWrites {
   public:
    DisjointWrites(Recorder& recorder, Range range);
    ~DisjointWrites();
    DisjointWrites(const DisjointWrites&) = delete;
    DisjointWrites& operator=(const DisjointWrites&) = delete;

   private:
    Recorder& recorder_;
  };

  // Starts what was recorded, without waiting.
  void submit();
  // Submits and waits for everything so far; times of all marks since the last such wait.
  std::vector<double> wait(const Context& context);
  // What is submitted by now, for wait_until().
  uint64_t submitted() const { return activity_.submissions; }
  // Waits for that alone, while later submissions run on: what it was to download is there. Times of those
  // marks since the last wait() that have passed; the others come with the next call.
  std::vector<double> wait_until(uint64_t submitted, const Context& context);

  bool times_kernels() const { return time_kernels_; }
  // Of the dispatches that the last wait of either kind finished, if they are timed: symbol, begin and end.
  struct Timed {
    std::string symbol;
    double begin, end;
  };
  const std::vector<Timed>& timed() const { return timed_; }

  const std::shared_ptr<Recording>& recording() const { return recording_; }
  // What was recorded so far.
  const DeviceWork& activity() const { return activity_; }
  // What was waited for so far.
  const DeviceWork& finished() const { return finished_; }
  Runtime& runtime() { return *runtime_; }

 private:
  uint32_t variant(const Call& call) const;
  void dispatch(const Call& call, uint64_t x, uint32_t y, uint32_t z);
  void add(Command command, std::span<const Use> uses);
  struct Ordered {
    Use use;
    bool disjoint;  // from the others that are
  };
  Ordered ordered(const Use& use, const Command& command) const;
  void give_args(size_t dispatch, std::span<const std::byte> args);
  bool conflicts(const Ordered& later) const;

  std::shared_ptr<Runtime> runtime_;
  std::shared_ptr<Recording> recording_ = std::make_shared<Recording>();
  Tuning tuning_;
  std::vector<Command> commands_;
  size_t last_dispatch_ = 0;
  std::vector<Ordered> since_barrier_;
  std::optional<Range> disjoint_writes_;
  // Submitted, not waited for; what was recorded by then.
  std::vector<std::pair<Submission, DeviceWork>> unread_;
  size_t raw_mark();
  std::vector<size_t> marks_;  // the caller's among all marks since the last wait()
  size_t raw_marks_ = 0;
  std::vector<double> times_;  // of all marks that have passed
  bool time_kernels_ = false;
  std::vector<std::pair<std::string, size_t>> dispatched_;  // symbol, the mark before; one more is after
  std::vector<Timed> timed_;
  DeviceWork activity_, finished_;
};

}  // namespace openswirl::gpu
