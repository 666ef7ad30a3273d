// What a session hands to its stage workers: checked at its start, completed once the mains are committed.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "backend/backend.h"
#include "stages/inputs.h"

namespace openswirl::workers {

// Shape, key with its programs, and context. Throws Error{kInput} if a trace does not fit its AIR.
stages::StageInputs begin_inputs(const VerifyingKey& vk, const stages::KeyPrograms& programs,
                                 const ProofShape& shape, std::span<const TraceInput> traces,
                                 const Context& context);

// Which preprocessed or cached part a commitment of the shape holds.
struct PartPlace {
  uint32_t air_id;
  bool preprocessed;
  size_t cached;  // index among the cached mains of trace `shape.trace`, if not preprocessed
};
PartPlace part_place(const VerifyingKey& vk, const ProofShape& proof, const CommitmentShape& shape);

// AIR, shape and public values of every trace; parts without columns.
void add_traces(stages::StageInputs& inputs, std::span<const TraceInput> traces);

// The traces, commitments (commit order) and the rows of every part, read from the stacked matrices.
void add_commitments(stages::StageInputs& inputs, std::span<const stages::CommitmentView> views,
                     std::span<const TraceInput> traces);

}  // namespace openswirl::workers
