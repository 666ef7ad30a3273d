// What no challenge changes of a proof's constraint sums: it is made and uploaded while the device commits,
// so that the device does not wait for it later.
#pragma once

#include <optional>

#include "gpu/coset_sums.h"
#include "gpu/line_rounds.h"

namespace openswirl::gpu {

// The host takes over the rounds over the hypercube when what one takes, as lines times positions times
// instructions, is at most this: it is done with them before a device answers.
inline constexpr uint64_t kHostConstraints = uint64_t{1} << 16;

struct ConstraintPlan {
  // Records uploads. The inputs, of which shape, AIRs and public values are read, traces and programs outlive
  // the plan. host_entries = 0 leaves all rounds to the device. Of `generated`, which may be null, the
  // kernels that are there now are used.
  ConstraintPlan(Work& work, const stages::StageInputs& inputs, const DeviceTraces& traces,
                 const ConstraintPrograms& programs, const GeneratedConstraints* generated,
                 uint64_t host_entries = kHostConstraints, uint64_t coset_words = kCosetWords);

  std::vector<std::shared_ptr<const GeneratedAir>> generated;  // by trace; null: the interpreter
  std::vector<EqSuffixTables> eq;  // of eq(xi[l..l+n), x), by trace; traces of one height share theirs
  // Until they are over.
  std::optional<CosetSums> claims;      // of the interactions, on D
  std::optional<CosetSums> univariate;  // of everything, on the other cosets
  FoldPlan fold;
  std::optional<LineRounds> lines;
};

}  // namespace openswirl::gpu
