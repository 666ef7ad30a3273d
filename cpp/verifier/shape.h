// The shape checks, before anything is observed (protocol part 07, 4). Internal to the verifier.
#pragma once

#include "protocol/proof.h"
#include "protocol/shape.h"

namespace openswirl::verifier {

// The shape of a proof whose every list has the length that key and heights ask for; throws Rejected with the
// first failing check. At least one trace is present.
ProofShape check_shape(const VerifyingKey& vk, const Proof& proof);

}  // namespace openswirl::verifier
