#include "stages/kernels.h"

#include <string>
#include <vector>

#include "field/instruction_sets.h"
#include "openswirl/failure.h"

namespace openswirl {

#define OPENSWIRL_DECLARE(isa)           \
  namespace isa {                        \
  extern const stages::Kernels kKernels; \
  }
OPENSWIRL_INSTRUCTION_SETS(OPENSWIRL_DECLARE)

namespace stages {
namespace {

std::vector<const Kernels*> detect() {
  std::vector<const Kernels*> found;
#define OPENSWIRL_DETECT(isa) \
  if (has_instruction_set::isa()) found.push_back(&isa::kKernels);
  OPENSWIRL_INSTRUCTION_SETS(OPENSWIRL_DETECT)
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
  static const Kernels* const chosen = [] {
    const char* name = chosen_instruction_set();
    return name ? &kernels_named(name) : available_kernels().front();
  }();
  return *chosen;
}

}  // namespace stages
}  // namespace openswirl
