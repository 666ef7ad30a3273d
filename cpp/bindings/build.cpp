// How this build was made: what a benchmark must know before it trusts its figures.
#include "bindings/bindings.h"
#include "openswirl/build_info.h"

#ifdef __has_feature
#define OPENSWIRL_HAS_FEATURE(name) __has_feature(name)
#else
#define OPENSWIRL_HAS_FEATURE(name) 0
#endif

namespace openswirl::bindings {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) ||                       \
    OPENSWIRL_HAS_FEATURE(address_sanitizer) || OPENSWIRL_HAS_FEATURE(thread_sanitizer) || \
    OPENSWIRL_HAS_FEATURE(memory_sanitizer) || OPENSWIRL_HAS_FEATURE(undefined_behavior_sanitizer)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

#ifdef __OPTIMIZE__
constexpr bool kOptimized = true;
#else
constexpr bool kOptimized = false;
#endif

}  // namespace

void bind_build(nb::module_& module) {
  module.attr("build_commit") = OPENSWIRL_BUILD_COMMIT;
  module.attr("build_type") = OPENSWIRL_BUILD_TYPE;
  module.attr("build_compiler") = OPENSWIRL_BUILD_COMPILER;
  module.attr("build_sanitized") = kSanitized;
  module.attr("build_optimized") = kOptimized;
}

}  // namespace openswirl::bindings
