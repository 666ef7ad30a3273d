// A plugin whose backend cannot start on any machine.
#include "openswirl/plugin.h"

namespace {

std::shared_ptr<openswirl::Backend> make_broken_backend() {
  throw openswirl::Error(openswirl::FailureKind::kDevice, "the driver is missing; install it");
}

}  // namespace

OPENSWIRL_PLUGIN("broken", "1.0", make_broken_backend);
