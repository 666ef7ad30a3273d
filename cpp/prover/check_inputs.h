// Everything that can be wrong with the inputs of a proof, found before any work starts.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "prover/prove.h"

namespace openswirl {

struct CheckedInputs {
  ProofShape shape;
  std::vector<size_t> order;  // index into the given traces of every trace of the shape (sorted trace order)
};

// Throws Error{kInput}: no trace, an unknown AIR, two traces for one AIR, a height that is no power of two,
// too tall for the stacked height, wrong width, wrong number of cached parts, a cached part of another
// height, width or parameters, a height other than the preprocessed trace's, wrong number of public values, a
// required AIR without a trace, too many stacked columns, an unmet height constraint, or an empty evaluation
// point (part 07, 5, step 3).
CheckedInputs check_inputs(const ProvingKey& key, std::span<const AirTrace> traces);

// Whether the device can prove the shape, before it allocates anything. Throws Error{kUnsupported} with its
// reason, or Error{kOutOfMemory, need, have, where} if the planned peak is beyond the device's memory or the
// meter's limit; `where` is the stage of the peak.
void check_device(const Device& device, const VerifyingKey& vk, const ProofShape& shape,
                  const Context& context);

// Index into matrix.data of the first value that is not below p; nothing if all are.
std::optional<uint64_t> check_canonical(const HostMatrix& matrix, const Context& context);

}  // namespace openswirl
