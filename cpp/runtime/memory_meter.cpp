#include "runtime/memory_meter.h"

#include "openswirl/failure.h"

namespace openswirl {

void MemoryMeter::charge(uint64_t bytes, const char* what) {
  uint64_t current = current_.load(std::memory_order_relaxed);
  do {
    if (limit_ != 0 && (bytes > limit_ || current > limit_ - bytes)) {
      Failure failure;
      failure.kind = FailureKind::kOutOfMemory;
      failure.where = what;
      failure.need = bytes;
      failure.have = current < limit_ ? limit_ - current : 0;
      failure.message = std::string(what) + " needs " + std::to_string(bytes) + " bytes, but the limit of " +
                        std::to_string(limit_) + " bytes leaves " + std::to_string(*failure.have) +
                        "; use a smaller trace or a higher limit";
      throw Error(std::move(failure));
    }
  } while (!current_.compare_exchange_weak(current, current + bytes, std::memory_order_relaxed));
  const uint64_t reached = current + bytes;
  uint64_t peak = peak_.load(std::memory_order_relaxed);
  while (peak < reached && !peak_.compare_exchange_weak(peak, reached, std::memory_order_relaxed)) {
  }
}

}  // namespace openswirl
