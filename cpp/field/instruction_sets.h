// The instruction sets that kernels are compiled for, and which of them this machine has.
#pragma once

#include <cstdlib>

// Applies a macro to each one of this architecture, the best first; scalar is always the last one.
#if defined(__x86_64__)
#define OPENSWIRL_INSTRUCTION_SETS(apply) apply(avx512ifma) apply(avx512) apply(avx2) apply(scalar)
#elif defined(__aarch64__)
#define OPENSWIRL_INSTRUCTION_SETS(apply) apply(neon) apply(scalar)
#else
#define OPENSWIRL_INSTRUCTION_SETS(apply) apply(scalar)
#endif

namespace openswirl {

// The name in the environment variable OPENSWIRL_CPU, which chooses one; nullptr if there is none.
inline const char* chosen_instruction_set() {
  const char* name = std::getenv("OPENSWIRL_CPU");
  return name && *name ? name : nullptr;
}

namespace has_instruction_set {

inline bool scalar() { return true; }
#if defined(__x86_64__)
// These also ask whether the operating system saves the registers.
inline bool avx2() {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2");
}
inline bool avx512() {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
}
inline bool avx512ifma() { return avx512() && __builtin_cpu_supports("avx512ifma"); }
#elif defined(__aarch64__)
inline bool neon() { return true; }
#endif

}  // namespace has_instruction_set
}  // namespace openswirl
