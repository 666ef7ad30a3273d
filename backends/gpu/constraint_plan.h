// What no challenge changes of a proof's constraint sums: it is made and uploaded while the device commits,
// so that the device does not wait for it later.
#pragma once

#include "gpu/coset_sums.h"

namespace openswirl::gpu {

struct ConstraintPlan {
  // Records uploads. The inputs, of which shape, AIRs and public values are read, traces and programs outlive
  // the plan. Of `generated`, which may be null, the kernels that are there now are used.
  ConstraintPlan(Work& work, const stages::StageInputs& inputs, const DeviceTraces& traces,
                 const ConstraintPrograms& programs, const GeneratedConstraints* generated,
                 uint64_t coset_words = kCosetWords);

  std::vector<std::shared_ptr<const GeneratedAir>> generated;  // by trace; null: the interpreter
  std::vector<EqSuffixTables> eq;  // of eq(xi[l..l+n), x), by trace; traces of one height share theirs
  CosetSums claims;                // of the interactions, on D
  CosetSums univariate;            // of everything, on the other cosets
};

}  // namespace openswirl::gpu
