#include "hash/kernels.h"

#include <cstring>

#include "field/instruction_sets.h"

namespace openswirl {

#define OPENSWIRL_DECLARE(isa)           \
  namespace isa {                        \
  extern const HashKernels kHashKernels; \
  }
OPENSWIRL_INSTRUCTION_SETS(OPENSWIRL_DECLARE)

namespace {

struct Available {
  const HashKernels* tables[4];
  size_t count = 0;

  Available() {
#define OPENSWIRL_DETECT(isa) \
  if (has_instruction_set::isa()) tables[count++] = &isa::kHashKernels;
    OPENSWIRL_INSTRUCTION_SETS(OPENSWIRL_DETECT)
  }
};

}  // namespace

std::span<const HashKernels* const> available_hash_kernels() {
  static const Available available;
  return {available.tables, available.count};
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
