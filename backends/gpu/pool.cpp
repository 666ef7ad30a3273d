#include "gpu/pool.h"

#include <algorithm>
#include <bit>

#include "runtime/arena.h"

namespace openswirl::gpu {
namespace {

constexpr uint64_t kSmallest = 256;  // bytes of the smallest class

// Eight classes per power of two: at most an eighth is wasted.
uint64_t size_class(uint64_t bytes) {
  const uint64_t step = std::max(std::bit_floor(bytes) / 8, kSmallest);
  return (bytes + step - 1) / step * step;
}

}  // namespace

Pool::Pool(std::shared_ptr<Runtime> runtime) : runtime_(std::move(runtime)), exact_(!memory_reuse_wanted()) {}

Array Pool::words(const Context& context, Recorder& recorder, uint64_t words, const char* what) {
  const uint64_t bytes = 4 * words;
  Array array;
  context.meter->charge(bytes, what);
  array.meter_ = context.meter;
  array.range_.bytes = bytes;
  if (bytes == 0) return array;
  const uint64_t size = exact_ ? bytes : size_class(bytes);
  std::shared_ptr<Memory> memory;
  if (!exact_) {
    const std::lock_guard lock(mutex_);
    auto& free = free_[size];
    const auto found =
        std::find_if(free.rbegin(), free.rend(), [&](const Free& one) { return one.for_recorder(recorder); });
    if (found != free.rend()) {
      memory = std::move(found->memory);
      free.erase(std::next(found).base());
    }
  }
  if (!memory) {
    auto allocated = runtime_->allocate(size, exact_);
    if (!allocated.ok() && allocated.failure().kind == FailureKind::kOutOfMemory) {
      trim();
      allocated = runtime_->allocate(size, exact_);
    }
    memory = std::move(allocated).take();
  }
  array.range_.memory = std::move(memory);
  array.pool_ = shared_from_this();
  array.recording_ = recorder.recording();
  recorder.discard(array.range_);
  return array;
}

void Pool::give_back(std::shared_ptr<Memory> memory, std::shared_ptr<Recording> recording) {
  if (exact_) return;
  const std::lock_guard lock(mutex_);
  const uint64_t size = memory->bytes(), submissions = recording->submissions;
  free_[size].push_back({std::move(memory), std::move(recording), submissions});
}

void Pool::trim() {
  const std::lock_guard lock(mutex_);
  free_.clear();
}

Array::~Array() {
  if (meter_) meter_->release(range_.bytes);
  if (pool_) pool_->give_back(std::move(range_.memory), std::move(recording_));
}

}  // namespace openswirl::gpu
