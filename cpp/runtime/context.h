// What every long-running call gets: threads, cancellation, spans, the meter and progress.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "runtime/buffer.h"
#include "runtime/cancel.h"
#include "runtime/memory_meter.h"
#include "runtime/spans.h"
#include "runtime/thread_pool.h"

namespace openswirl {

struct Context {
  std::shared_ptr<ThreadPool> pool = std::make_shared<ThreadPool>(1);
  std::shared_ptr<CancelToken> cancel = std::make_shared<CancelToken>();
  std::shared_ptr<SpanRecorder> spans = std::make_shared<SpanRecorder>();
  std::shared_ptr<MemoryMeter> meter = std::make_shared<MemoryMeter>();
  // Where large buffers come from; without one each has an allocation of its own.
  std::shared_ptr<Arena> arena;
  // Called by the driving thread: stage name, round within it, fraction of the whole proof in [0, 1]. May be
  // empty.
  std::function<void(const std::string& stage, uint32_t round, double fraction)> progress;

  void parallel_for(size_t count, size_t grain, const std::function<void(size_t, size_t)>& body) const {
    pool->parallel_for(count, grain, *cancel, body);
  }
  template <class T>
  Buffer<T> buffer(size_t size, const char* what, bool zeroed = false) const {
    return Buffer<T>(meter, arena, size, what, zeroed);
  }
};

}  // namespace openswirl
