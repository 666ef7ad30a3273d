// Proofs in the binary encoding of codec version 3 (protocol part 07, 3).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "protocol/proof.h"

namespace openswirl {

// Throws Error{kInput} for a proof whose lists do not fit each other: its bytes would not decode to it.
std::vector<uint8_t> encode_proof(const Proof& proof);

// Needs no key. Throws Error{kFormat} with the offset for bytes that end early or go on, another version,
// words
// >= p, unused presence bits, counts that the bytes left cannot hold, and the limits of part 07, 3.3.
Proof decode_proof(std::span<const uint8_t> bytes);

}  // namespace openswirl
