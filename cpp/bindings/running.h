// Long-running calls from Python: the work happens on a thread of its own while the calling thread, every 20
// ms, looks at signals, the cancel token of the user, the latest progress and what backends tell.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "bindings/bindings.h"
#include "runtime/context.h"

namespace openswirl::bindings {

// What Python passes to every long-running call.
struct CallOptions {
  unsigned threads = 0;                 // 0: one per core
  std::optional<double> timeout;        // seconds
  std::shared_ptr<CancelToken> cancel;  // the user's; may serve several calls
  nb::object progress;                  // None or a callable (stage, round, fraction)
  uint64_t memory_limit = 0;            // bytes on the context's meter; 0: no limit
};

// A call that gives up the GIL, while it runs. At interpreter exit every such call is cancelled and awaited:
// a thread that came back for the GIL later would be ended in the middle of C++ frames, which aborts the
// process.
class RunningCall {
 public:
  // `cancel` ends the call early; null for short ones. Throws Error{kCancelled} once the interpreter exits.
  explicit RunningCall(std::shared_ptr<CancelToken> cancel = nullptr);
  ~RunningCall();
  RunningCall(const RunningCall&) = delete;
  RunningCall& operator=(const RunningCall&) = delete;

 private:
  std::shared_ptr<CancelToken> cancel_;
};

// Cancels the running calls, waits for them (10 s at most) and refuses new ones; for atexit.
void end_running_calls();

// A context with a cancel token of its own, whose deadline starts now.
Context make_context(const CallOptions& options);

// Hands what backends want people to know to Python's logger openswirl.devices: notices as warnings, news as
// information. What a handler raises is thrown, once all have been handed on.
void tell_notices();

// Runs body(context) without the GIL and returns when it has ended. A signal handler's or the callback's
// exception cancels the body, waits for it and is thrown; otherwise what the body threw is thrown as an
// Error. A cancel or a timeout before the start or during the body's last step counts too.
void run_interruptible(const CallOptions& options, Context& context, const std::function<void()>& body);

}  // namespace openswirl::bindings
