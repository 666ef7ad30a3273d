// The binary identity of a build. A plugin whose tag differs from the core's is refused before its backend is
// made: C++ objects cross the plugin edge, so compiler family, standard library and headers must be the same.
#pragma once

#include <version>

#include "openswirl/build_id.h"

namespace openswirl {

struct AbiTag {
  const char* compiler;
  const char* standard_library;
  const char* core_build_id;
};

#if defined(__apple_build_version__)
#define OPENSWIRL_ABI_COMPILER "apple-clang"
#elif defined(__clang__)
#define OPENSWIRL_ABI_COMPILER "clang"
#elif defined(__GNUC__)
#define OPENSWIRL_ABI_COMPILER "gcc"
#else
#error "openswirl: unknown compiler family"
#endif

#if defined(_LIBCPP_ABI_VERSION)
#define OPENSWIRL_ABI_TEXT_(x) #x
#define OPENSWIRL_ABI_TEXT(x) OPENSWIRL_ABI_TEXT_(x)
#define OPENSWIRL_ABI_STANDARD_LIBRARY "libc++ abi " OPENSWIRL_ABI_TEXT(_LIBCPP_ABI_VERSION)
#elif defined(_GLIBCXX_USE_CXX11_ABI) && _GLIBCXX_USE_CXX11_ABI
#define OPENSWIRL_ABI_STANDARD_LIBRARY "libstdc++ cxx11"
#else
#define OPENSWIRL_ABI_STANDARD_LIBRARY "libstdc++ old"
#endif

// The tag of whoever compiles this header.
inline constexpr AbiTag kAbiTag{OPENSWIRL_ABI_COMPILER, OPENSWIRL_ABI_STANDARD_LIBRARY, OPENSWIRL_BUILD_ID};

}  // namespace openswirl
