// What a GPU backend must provide: memory, and the execution of recorded commands in order. Everything above
// it (pool, recorder, stage workers) is shared; Metal, CUDA, the emulator and the null runtime are runtimes.
//
// Calls that can fail return a Result and throw nothing. All are safe from several threads at once.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "gpu/call.h"
#include "openswirl/result.h"
#include "runtime/context.h"

namespace openswirl::gpu {

struct RuntimeInfo {
  std::string name;         // of the device: "sim", "metal:0"
  std::string description;  // for people
  uint64_t memory_bytes = 0;
  uint64_t max_buffer_bytes = 0;
  bool unified_memory = true;  // Memory::host() is never null
  bool executes = true;        // false: records only, results are never written
  // Threads that fill the device, so that fewer leave room for others; if not 0, variants of kernels are
  // timed when it is first opened.
  uint32_t tuning_threads = 0;
};

// The commands of a submission. A command with `after_barrier` may start once everything before it is done;
// others may run together with, and in any order relative to, their neighbours back to the last barrier.
struct DispatchCommand {
  Call call;
  uint32_t variant = 0;              // index into call.info().variants
  std::array<uint32_t, 3> groups{};  // none zero; y and z at most 65535
};
struct FillCommand {
  Range range;  // whole words
  uint32_t word = 0;
};
struct CopyCommand {
  Range from, to;  // equal lengths, not overlapping
};
struct UploadCommand {
  Range to;
  std::vector<std::byte> bytes;         // sent from here ...
  const std::byte* borrowed = nullptr;  // ... or, if not null, from here, which stays until the wait
  // Whether a runtime that computes nothing needs them too: kernels find their way by them, or they are few.
  bool is_table = true;
};
struct DownloadCommand {
  Range from;
  std::byte* to = nullptr;  // written by the end of the wait
};
// From here on the contents are undefined, until written again: what reused memory begins with. A runtime
// that checks refuses to read them.
struct DiscardCommand {
  Range range;
};
// A point in time between what comes before and after it. Times of marks are in the Completion.
struct MarkCommand {};

struct Command {
  std::variant<DispatchCommand, FillCommand, CopyCommand, UploadCommand, DownloadCommand, DiscardCommand,
               MarkCommand>
      what;
  bool after_barrier = false;
};

// One function of several, for std::visit of a command.
template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

using Submission = uint64_t;

struct Completion {
  // Of every mark, in order: seconds on std::chrono::steady_clock, when all commands before it had finished.
  std::vector<double> marks;
};

class Runtime {
 public:
  virtual ~Runtime() = default;
  virtual const RuntimeInfo& info() const = 0;

  // Uninitialised memory of exactly this size, poisoned if asked for. Fails with kOutOfMemory.
  virtual Result<std::shared_ptr<Memory>> allocate(uint64_t bytes, bool poison) = 0;
  // The caller's memory as device memory without a copy, kept alive by `owner`; null where it cannot be done
  // (alignment, no unified memory).
  virtual std::shared_ptr<Memory> borrow(const void* data, uint64_t bytes,
                                         std::shared_ptr<const void> owner) = 0;

  // Hands commands to the device. Submissions run one after another, each seeing all writes of those before.
  // The device keeps what the commands name until they are done.
  virtual Result<Submission> submit(std::vector<Command> commands) = 0;
  // Until this submission and all before it are done. Polls context.cancel; after a cancellation or a failure
  // the submission will never touch memory that the caller frees. Fails with kDevice, naming the kernel where
  // it can.
  virtual Result<Completion> wait(Submission submission, const Context& context) = 0;
  // Nobody will wait for it: it will not touch host memory of its uploads and downloads from here on.
  virtual void abandon(Submission submission) noexcept = 0;

  // Whether compile() can succeed: empty, or the reason why not, for people.
  virtual std::string cannot_compile() const { return "this runtime has no compiler"; }
  // Compiles a text, so that calls can name its kernels: seconds, on the caller's thread, while the device
  // works on for others. A runtime whose compiler is slow keeps the result on disk, under a hash of the text,
  // the compiler and the device. Fails with kDevice and the compiler's words, or kCancelled.
  virtual Result<std::shared_ptr<const KernelProgram>> compile(KernelText text, const Context& context) {
    (void)text, (void)context;
    return guard([&]() -> std::shared_ptr<const KernelProgram> {
      throw Error(FailureKind::kUnsupported, info().name + ": " + cannot_compile());
    });
  }
};

}  // namespace openswirl::gpu
