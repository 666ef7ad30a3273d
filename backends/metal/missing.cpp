// The plugin where there is no Metal: naming the device is an error that says why.
#include "openswirl/plugin.h"

namespace {

#ifdef __APPLE__
constexpr const char* kReason =
    "this build is for Intel processors, and the kernels need a GPU of Apple silicon; if this Mac has one, "
    "then "
    "its Python runs translated by Rosetta: install an arm64 Python";
#else
constexpr const char* kReason = "Metal is a part of macOS, and this build is for another system";
#endif

std::shared_ptr<openswirl::Backend> make_nothing() {
  throw openswirl::Error(openswirl::FailureKind::kDevice, kReason);
}

}  // namespace

OPENSWIRL_PLUGIN("metal", "0.1.0", make_nothing);
