#include "bindings/running.h"

#include <nanobind/stl/string.h>

#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>

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

}  // namespace

Context make_context(const CallOptions& options) {
  Context context;
  context.pool = ThreadPool::shared(options.threads);
  context.meter = std::make_shared<MemoryMeter>(options.memory_limit);
  context.cancel = std::make_shared<CancelToken>();
  if (options.timeout) context.cancel->set_timeout(std::chrono::duration<double>(*options.timeout));
  return context;
}

void run_interruptible(const CallOptions& options, Context& context, const std::function<void()>& body) {
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
}

}  // namespace openswirl::bindings
