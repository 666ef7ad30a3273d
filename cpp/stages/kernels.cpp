#include "stages/kernels.h"

#include <cstdlib>
#include <string>
#include <vector>

#include "openswirl/failure.h"

namespace openswirl {

namespace scalar {
extern const stages::Kernels kKernels;
}
#if defined(__x86_64__)
namespace avx2 {
extern const stages::Kernels kKernels;
}
namespace avx512 {
extern const stages::Kernels kKernels;
}
namespace avx512ifma {
extern const stages::Kernels kKernels;
}
#elif defined(__aarch64__)
namespace neon {
extern const stages::Kernels kKernels;
}
#endif

namespace stages {
namespace {

std::vector<const Kernels*> detect() {
  std::vector<const Kernels*> found;
#if defined(__x86_64__)
  __builtin_cpu_init();
  // Also asks whether the operating system saves the registers.
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")) {
    if (__builtin_cpu_supports("avx512ifma")) found.push_back(&avx512ifma::kKernels);
    found.push_back(&avx512::kKernels);
  }
  if (__builtin_cpu_supports("avx2")) found.push_back(&avx2::kKernels);
#elif defined(__aarch64__)
  found.push_back(&neon::kKernels);
#endif
  found.push_back(&scalar::kKernels);
  return found;
}

}  // namespace

std::span<const Kernels* const> available_kernels() {
  static const std::vector<const Kernels*> found = detect();
  return found;
}

const Kernels& kernels_named(const char* name) {
  std::string names;
  for (const Kernels* candidate : available_kernels()) {
    if (std::string(candidate->name) == name) return *candidate;
    names += (names.empty() ? "" : ", ") + std::string(candidate->name);
  }
  throw Error(FailureKind::kInput, "OPENSWIRL_CPU=" + std::string(name) +
                                       " is not an instruction set of this machine; it has " + names);
}

const Kernels& kernels() {
  static const Kernels& chosen = [&]() -> const Kernels& {
    const char* name = std::getenv("OPENSWIRL_CPU");
    return name && *name ? kernels_named(name) : *available_kernels().front();
  }();
  return chosen;
}

}  // namespace stages
}  // namespace openswirl
