// Runs a kernel of one instruction set and the scalar one on the same small inputs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "field/fp.h"
#include "openswirl/failure.h"
#include "runtime/context.h"
#include "stages/kernels.h"

namespace openswirl::cpu {

using Words = std::vector<uint32_t>;

inline void expect(bool passed, const std::string& what) {
  if (!passed) throw Error(FailureKind::kDevice, "self test of the cpu device: wrong " + what);
}

// Words below p, the extremes among them.
inline Words sample(size_t count, uint64_t seed) {
  Words result(count);
  for (size_t i = 0; i < count; ++i) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    const auto word = static_cast<uint32_t>((seed >> 33) % Fp::kModulus);
    result[i] = i % 11 == 3 ? 0 : i % 11 == 7 ? Fp::kModulus - 1 : word;
  }
  return result;
}

// `run` takes the kernels and returns what one of them wrote.
template <class Run>
void compare(const stages::Kernels& tested, const char* kernel, const Run& run) {
  expect(run(tested) == run(stages::kernels_named("scalar")),
         std::string("result of the ") + tested.name + " kernel " + kernel);
}

void compare_constraints(const stages::Kernels& tested, const Context& context);
void compare_fractions(const stages::Kernels& tested);
void compare_stacking(const stages::Kernels& tested, const Context& context);

}  // namespace openswirl::cpu
