#include "hash/kernels.h"

#include <cstring>
#include <vector>

#include "field/instruction_sets.h"

namespace openswirl {

#define OPENSWIRL_DECLARE(isa)           \
  namespace isa {                        \
  extern const HashKernels kHashKernels; \
  }
OPENSWIRL_INSTRUCTION_SETS(OPENSWIRL_DECLARE)

namespace {

std::vector<const HashKernels*> detect() {
  std::vector<const HashKernels*> found;
#define OPENSWIRL_DETECT(isa) \
  if (has_instruction_set::isa()) found.push_back(&isa::kHashKernels);
  OPENSWIRL_INSTRUCTION_SETS(OPENSWIRL_DETECT)
  return found;
}

}  // namespace

std::span<const HashKernels* const> available_hash_kernels() {
  static const std::vector<const HashKernels*> found = detect();
  return found;
}

const HashKernels& hash_kernels() {
  static const HashKernels* const chosen = [] {
    const char* name = chosen_instruction_set();
    if (!name) return available_hash_kernels().front();
    for (const HashKernels* candidate : available_hash_kernels()) {
      if (std::strcmp(candidate->name, name) == 0) return candidate;
    }
    return available_hash_kernels().back();
  }();
  return *chosen;
}

}  // namespace openswirl
