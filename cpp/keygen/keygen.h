// Key generation: AIRs and parameters become a proving key with its verifying key (protocol part 02, 4).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "keygen/air_definition.h"
#include "keygen/height_constraints.h"

namespace openswirl {

// Commits one preprocessed trace as a stacked commitment of its own; a device does it.
using CommitPreprocessed = std::function<std::shared_ptr<const HostCommitment>(
    const SystemParams& params, const PreprocessedTrace& trace)>;

// AIR ids are positions in `airs`; `required` lists the ids that every proof must contain, all others are
// optional. Throws Error{kKeygen}, naming the AIR where it is about one: invalid parameters, no AIR or more
// than kMaxAirs, an unknown required id; then AIR by AIR: too many columns, a preprocessed trace that cannot
// be committed, AirWidthZero, AirNoConstraintsOrInteractions, InteractionMessageEmpty,
// MaxConstraintDegreeExceeded, an ill-formed DAG; then over all AIRs: a message that is too long, count
// weights beyond 32 bits. Then `commit` is called once per preprocessed trace, in AIR id order. Last, a key
// that would not load again for the memory it takes (codec/postcard.h) is refused.
ProvingKey keygen(const SystemParams& params, AirList airs, std::span<const uint32_t> required,
                  const CommitPreprocessed& commit);

}  // namespace openswirl
