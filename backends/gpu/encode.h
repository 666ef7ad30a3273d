// Reed-Solomon encoding of columns on the device: block messages and zero-padded DFTs (protocol part 03, 7).
#pragma once

#include "gpu/engine.h"

namespace openswirl::gpu {

inline constexpr uint32_t kLogNttTile = 12;  // NTT_LOG_TILE of metal/kernels/ntt.metal

// Blocks of 2^l_skip with l_skip beyond this do not fit the kernel's threadgroup memory.
inline constexpr uint32_t kMaxBlockLog = 12;

// Columns of 2^log_height values on D become message entries, per block of 2^l_skip; l_skip at most
// kMaxBlockLog and log_height. Pitches are words between columns.
void block_messages(Work& work, const Range& values, uint64_t in_pitch, const Range& messages,
                    uint64_t out_pitch, uint64_t width, uint32_t log_height, uint32_t l_skip);

// Columns of 2^log_message coefficients, `pitch` words apart, become their 2^log_codeword values at the
// powers of the generator, natural order, 2^log_codeword words apart. log_message <= log_codeword <= 27.
// Codewords must not overlap messages.
void encode_columns(Work& work, const Range& messages, uint64_t pitch, uint64_t width, uint32_t log_message,
                    uint32_t log_codeword, const Range& codewords);

// The same from columns of 2^log_height values on D, one after another, whose messages nobody else needs:
// where the first pass can, it makes them as it reads.
void encode_values(Work& work, const Range& values, uint64_t width, uint32_t log_height, uint32_t l_skip,
                   uint32_t log_codeword, const Range& codewords);

// Most bytes that encode_values allocates.
uint64_t encode_values_bytes(uint64_t width, uint32_t log_height, uint32_t l_skip, uint32_t log_codeword);

}  // namespace openswirl::gpu
