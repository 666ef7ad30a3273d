// Long-running calls from Python: the work happens on a thread of its own while the calling thread, every 20
// ms, looks at signals, the cancel token of the user and the latest progress.
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

// A context with a cancel token of its own, whose deadline starts now.
Context make_context(const CallOptions& options);

// Runs body(context) without the GIL and returns when it has ended. A signal handler's or the callback's
// exception cancels the body, waits for it and is thrown; otherwise what the body threw is thrown as an
// Error.
void run_interruptible(const CallOptions& options, Context& context, const std::function<void()>& body);

}  // namespace openswirl::bindings
