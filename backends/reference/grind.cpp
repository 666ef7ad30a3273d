// Proof of work: candidates in ascending order, one permutation each (protocol part 01, 6.3).
#include "grind.h"

namespace openswirl::reference {

Fp smallest_witness(const GrindPoint& point, uint32_t bits, const Context& context) {
  const uint32_t mask = (uint32_t{1} << bits) - 1;
  for (uint32_t candidate = 0; candidate < Fp::kModulus; ++candidate) {
    if (candidate % 1024 == 0) context.cancel->poll();
    SpongeState state = point.state;
    state[point.position] = Fp::from_u32(candidate);
    poseidon2_permute(state);
    if ((state[kRate - 1].canonical() & mask) == 0) return Fp::from_u32(candidate);
  }
  throw Error(FailureKind::kInternal, "no proof-of-work witness exists for this transcript");
}

}  // namespace openswirl::reference
