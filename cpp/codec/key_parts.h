// The pieces that verifying and proving keys share: parameters, AIR keys, height constraints, and the checks
// that make decoded ones safe to use (protocol part 02, 5). Internal to the codec.
#pragma once

#include "codec/postcard.h"
#include "protocol/keys.h"

namespace openswirl::codec {

// Throws unless there are at most kMaxAirs, of at least `size` bytes each. `memory` is what each takes beside
// the heap blocks of its parts.
uint64_t read_air_count(PostcardReader& in, uint64_t size, uint64_t memory);
void write_air_count(PostcardWriter& out, uint64_t airs, uint64_t memory);

void write_params(PostcardWriter& out, const SystemParams& params);
SystemParams read_params(PostcardReader& in);

void write_air(PostcardWriter& out, const AirVk& air);
AirVk read_air(PostcardReader& in);

void write_height_constraints(PostcardWriter& out, const std::vector<HeightConstraint>& constraints);
// Of a key with these AIRs.
std::vector<HeightConstraint> read_height_constraints(PostcardReader& in, const std::vector<AirVk>& airs);

// Throws Error{kFormat} unless the parameters are valid and every AIR and height constraint is consistent
// with them (part 02, 5.2, last paragraph). air_offsets: where each AIR began, for the message.
void check_key(const PostcardReader& in, const VerifyingKey& vk, std::span<const size_t> air_offsets);
// Throws unless pre_hash is the hash of the key (part 02, 4.6).
void check_pre_hash(const PostcardReader& in, const VerifyingKey& vk);

}  // namespace openswirl::codec
