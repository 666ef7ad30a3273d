#include "backend/backend.h"

namespace openswirl {

Result<Ceilings> Device::ceilings(const Context&) {
  Failure failure;
  failure.kind = FailureKind::kUnsupported;
  failure.message = "the device " + info().name +
                    " measures no ceilings, because its backend does not implement them; name a device that "
                    "does, such as cpu";
  return failure;
}

}  // namespace openswirl
