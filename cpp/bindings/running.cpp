#include "bindings/running.h"

#include <pthread.h>

#include <nanobind/stl/string.h>

#include <chrono>
#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>

#include "runtime/notices.h"

namespace openswirl::bindings {
namespace {

constexpr auto kPollInterval = std::chrono::milliseconds(20);

struct Progress {
  std::string stage;
  uint32_t round = 0;
  double fraction = 0;
};

// What worker and caller share.
struct Mailbox {
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;
  Status status;
  std::optional<Progress> progress;  // the latest that was not delivered
};

std::thread start_thread(const std::function<void()>& body) {
  try {
    return std::thread(body);
  } catch (const std::system_error& error) {
    throw Error(FailureKind::kOutOfMemory, std::string("cannot start a thread for the call: ") +
                                               error.what() + "; end other programs or raise the limits");
  }
}

struct RunningCalls {
  std::mutex mutex;
  std::condition_variable idle;
  std::map<RunningCall*, std::shared_ptr<CancelToken>> calls;
  bool closed = false;
};

RunningCalls& running_calls() {
  // Never destroyed: threads may still look at it while the process ends. A forked child has none of its
  // parent's.
  static RunningCalls* calls = [] {
    pthread_atfork(nullptr, nullptr, [] { calls = new RunningCalls; });
    return new RunningCalls;
  }();
  return *calls;
}

}  // namespace

RunningCall::RunningCall(std::shared_ptr<CancelToken> cancel) : cancel_(std::move(cancel)) {
  RunningCalls& running = running_calls();
  const std::lock_guard lock(running.mutex);
  if (running.closed) throw Error(FailureKind::kCancelled, "the interpreter is exiting");
  running.calls.emplace(this, cancel_);
}

RunningCall::~RunningCall() {
  RunningCalls& running = running_calls();
  const std::lock_guard lock(running.mutex);
  running.calls.erase(this);
  if (running.calls.empty()) running.idle.notify_all();
}

void end_running_calls() {
  RunningCalls& running = running_calls();
  const nb::gil_scoped_release release;
  std::unique_lock lock(running.mutex);
  running.closed = true;
  for (const auto& [call, cancel] : running.calls) {
    if (cancel) cancel->cancel();
  }
  running.idle.wait_for(lock, std::chrono::seconds(10), [&] { return running.calls.empty(); });
}

Context make_context(const CallOptions& options) {
  Context context;
  context.pool = ThreadPool::shared(options.threads);
  context.meter = std::make_shared<MemoryMeter>(options.memory_limit);
  context.cancel = std::make_shared<CancelToken>();
  if (options.timeout) context.cancel->set_timeout(std::chrono::duration<double>(*options.timeout));
  return context;
}

void tell_notices() {
  const std::vector<std::string> notices = take_notices(), news = take_news();
  if (notices.empty() && news.empty()) return;
  const nb::object logger = nb::module_::import_("logging").attr("getLogger")("openswirl.devices");
  std::exception_ptr raised;
  const auto tell = [&](const char* level, const std::string& sentence) {
    try {
      logger.attr(level)("%s", as_text(sentence));
    } catch (const nb::python_error&) {
      raised = std::current_exception();
    }
  };
  for (const std::string& sentence : notices) tell("warning", sentence);
  for (const std::string& sentence : news) tell("info", sentence);
  if (raised) std::rethrow_exception(raised);
}

void run_interruptible(const CallOptions& options, Context& context, const std::function<void()>& body) {
  const RunningCall call(context.cancel);
  if (options.cancel && options.cancel->stop_requested()) context.cancel->cancel();
  context.cancel->poll();
  Mailbox mailbox;
  const bool wants_progress = options.progress.is_valid() && !options.progress.is_none();
  if (wants_progress) {
    context.progress = [&mailbox](const std::string& stage, uint32_t round, double fraction) {
      const std::lock_guard lock(mailbox.mutex);
      mailbox.progress = Progress{stage, round, fraction};
    };
  }
  std::thread worker = start_thread([&] {
    Status status = guard(body);
    const std::lock_guard lock(mailbox.mutex);
    mailbox.done = true;
    mailbox.status = std::move(status);
    mailbox.changed.notify_all();
  });

  std::exception_ptr python_failure;
  for (bool done = false; !done;) {
    std::optional<Progress> progress;
    {
      const nb::gil_scoped_release release;
      std::unique_lock lock(mailbox.mutex);
      done = mailbox.changed.wait_for(lock, kPollInterval, [&] { return mailbox.done; });
      progress = std::exchange(mailbox.progress, std::nullopt);
    }
    if (options.cancel && options.cancel->stop_requested()) context.cancel->cancel();
    if (python_failure) continue;
    try {
      if (PyErr_CheckSignals() != 0) throw nb::python_error();
      tell_notices();
      if (wants_progress && progress) options.progress(progress->stage, progress->round, progress->fraction);
    } catch (...) {
      python_failure = std::current_exception();
      context.cancel->cancel();
    }
  }
  {
    const nb::gil_scoped_release release;
    worker.join();
  }
  context.progress = nullptr;
  if (python_failure) std::rethrow_exception(python_failure);
  std::move(mailbox.status).take();
  // The last progress callback may have cancelled.
  if (options.cancel && options.cancel->stop_requested()) context.cancel->cancel();
  context.cancel->poll();
}

}  // namespace openswirl::bindings
