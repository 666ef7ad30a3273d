// Reed-Solomon encoding of columns: block messages and zero-padded DFTs (protocol part 03, 7).
#pragma once

#include "field/fp.h"
#include "runtime/context.h"

namespace openswirl::stages {

// Values on D to message entries, per block of 2^l_skip elements of `count` elements. in == out is fine.
void block_messages(const Context& context, const Fp* in, Fp* out, size_t count, uint32_t l_skip);

// Columns of 2^log_message coefficients, column c at messages + c * message_stride, become their
// 2^log_codeword values at the powers of the generator, natural order, at codewords + c * codeword_stride. A
// message may lie at the start of its own codeword. log_message <= log_codeword <= 27.
void encode_columns(const Context& context, const Fp* messages, size_t message_stride, size_t width,
                    uint32_t log_message, uint32_t log_codeword, Fp* codewords, size_t codeword_stride);

// The same for the messages of columns of 2^log_message values on blocks, which follow one another.
void encode_blocks(const Context& context, const Fp* values, uint32_t l_skip, size_t width,
                   uint32_t log_message, uint32_t log_codeword, Fp* codewords, size_t codeword_stride);

// Bytes that encode_columns and encode_blocks allocate while they run.
uint64_t encode_columns_bytes(size_t width, uint32_t log_message, uint32_t log_codeword, unsigned threads);
uint64_t encode_blocks_bytes(uint32_t l_skip, size_t width, uint32_t log_message, uint32_t log_codeword,
                             unsigned threads);

}  // namespace openswirl::stages
