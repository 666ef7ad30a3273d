// Proving keys in OpenVM's postcard form (protocol part 02, 4.6).
#pragma once

#include <span>
#include <vector>

#include "protocol/keys.h"

namespace openswirl {

std::vector<uint8_t> encode_proving_key(const ProvingKey& pk);

// Whether the decoder's limit on memory leaves room for this key: 4 bytes for each encoded byte and 768 KiB.
bool proving_key_decodes(const ProvingKey& pk);

// Throws Error{kFormat} with the offset for everything that decode_verifying_key rejects, and for
// preprocessed data whose layout, sizes or Merkle root do not belong to the verifying key.
ProvingKey decode_proving_key(std::span<const uint8_t> bytes);

}  // namespace openswirl
