// Verifying keys in OpenVM's postcard form, and their hash (protocol part 02, 4.6 and 5).
#pragma once

#include <span>
#include <vector>

#include "protocol/keys.h"

namespace openswirl {

// The version of proof and key encodings; part of the hash of every key.
inline constexpr uint32_t kCodecVersion = 3;

// The whole key: the inner key, then its pre-hash.
std::vector<uint8_t> encode_verifying_key(const VerifyingKey& vk);

// The inner key V, the bytes that the pre-hash covers; vk.pre_hash is not looked at.
std::vector<uint8_t> encode_inner_verifying_key(const VerifyingKey& vk);

// H(version || length of V || V), each byte one field element; vk.pre_hash is not looked at.
Digest verifying_key_pre_hash(const VerifyingKey& vk);

// Whether the decoder's limit on memory leaves room for this key: 4 bytes for each encoded byte and 768 KiB.
bool verifying_key_decodes(const VerifyingKey& vk);

// Throws Error{kFormat} with the offset for bytes that are no key: malformed or trailing bytes, invalid
// parameters, indices out of range, more memory than verifying_key_decodes() allows, or a pre-hash that is
// not the hash of the key (part 02, 5.2).
VerifyingKey decode_verifying_key(std::span<const uint8_t> bytes);

}  // namespace openswirl
