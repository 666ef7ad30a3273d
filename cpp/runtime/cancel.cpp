#include "runtime/cancel.h"

#include "openswirl/failure.h"

namespace openswirl {

void CancelToken::poll() const {
  if (cancelled_.load(std::memory_order_relaxed))
    throw Error(FailureKind::kCancelled, "cancelled by the caller");
  if (deadline_ && Clock::now() >= *deadline_) {
    throw Error(FailureKind::kTimeout,
                "the timeout of this call has passed; allow more time or use more threads");
  }
}

}  // namespace openswirl
