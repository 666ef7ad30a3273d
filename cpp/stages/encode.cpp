#include "stages/encode.h"

#include <algorithm>
#include <vector>

#include "poly/univariate.h"
#include "stages/kernels.h"
#include "stages/words.h"

namespace openswirl::stages {
namespace {

// A transform that both passes can tile; smaller ones are not worth vectors.
constexpr uint32_t kMinLogTile = 4;
// Columns are transformed together up to this many elements, so that small ones do not wait for each other.
constexpr size_t kGroupElements = size_t{1} << 22;
constexpr size_t kPitchPadding = 16;  // keeps the rows of a power-of-two matrix out of one cache set
constexpr size_t kTilesPerRange = 8;

bool is_tiled(uint32_t log_message, uint32_t log_codeword) {
  return log_message >= kMinLogTile && log_codeword >= 2 * kMinLogTile;
}

// Whether blocks become messages in the first pass of their transform.
bool is_fused(uint32_t l_skip, uint32_t log_message, uint32_t log_codeword) {
  return l_skip <= kMaxLogTileBlock && is_tiled(log_message, log_codeword);
}

// log_block: of the values whose messages are encoded, or 0 for messages.
DftShape dft_shape(uint32_t log_message, uint32_t log_codeword, uint32_t log_block) {
  DftShape shape;
  shape.log_block = log_block;
  shape.log_zero = log_codeword - log_message;
  shape.log_rows = std::max({log_codeword / 2, shape.log_zero, kMinLogTile});
  shape.log_columns = log_codeword - shape.log_rows;
  shape.pitch = (size_t{1} << shape.log_columns) + kPitchPadding;
  return shape;
}

size_t group_width(size_t width, uint32_t log_codeword) {
  return std::clamp<size_t>(kGroupElements >> log_codeword, 1, std::max<size_t>(width, 1));
}

struct Columns {
  const Fp* data;
  size_t stride;
};

void encode_small(const Context& context, Columns messages, size_t width, uint32_t log_message,
                  uint32_t log_codeword, Fp* codewords, size_t codeword_stride) {
  context.parallel_for(width, 16, [&](size_t begin, size_t end) {
    for (size_t c = begin; c < end; ++c) {
      Fp* codeword = codewords + c * codeword_stride;
      const Fp* message = messages.data + c * messages.stride;
      std::copy(message, message + (size_t{1} << log_message), codeword);
      std::fill(codeword + (size_t{1} << log_message), codeword + (size_t{1} << log_codeword), Fp::zero());
      dft(std::span(codeword, size_t{1} << log_codeword), log_codeword);
    }
  });
}

// 8-byte aligned, as the kernels ask.
using Roots = std::vector<uint64_t>;

Roots prepare_roots(const TransformKernels& kernels, uint32_t log_size) {
  const std::vector<Fp> roots = powers(two_adic_generator(log_size), size_t{1} << (log_size - 1));
  Roots prepared((roots.size() * kernels.root_words + 1) / 2);
  kernels.prepare_roots(words(roots.data()), roots.size(), reinterpret_cast<uint32_t*>(prepared.data()));
  return prepared;
}
using stages::words;
const uint32_t* words(const Roots& roots) { return reinterpret_cast<const uint32_t*>(roots.data()); }

std::vector<Fp> inverse_block_roots(uint32_t l_skip) {
  return powers(two_adic_generator(l_skip).inverse(), std::max<size_t>((size_t{1} << l_skip) / 2, 1));
}

// source_of(first, count) gives the messages of a group of columns, just before its passes; or values on
// blocks of 2^log_block if that is not 0.
template <class Source>
void encode_groups(const Context& context, size_t width, uint32_t log_block, uint32_t log_message,
                   uint32_t log_codeword, Fp* codewords, size_t codeword_stride, Source&& source_of) {
  const size_t group = group_width(width, log_codeword);
  if (!is_tiled(log_message, log_codeword)) {
    for (size_t first = 0; first < width; first += group) {
      const size_t count = std::min(group, width - first);
      encode_small(context, source_of(first, count), count, log_message, log_codeword,
                   codewords + first * codeword_stride, codeword_stride);
    }
    return;
  }
  const DftShape shape = dft_shape(log_message, log_codeword, log_block);
  const size_t rows = size_t{1} << shape.log_rows, columns = size_t{1} << shape.log_columns;
  const TransformKernels& kernels = stages::kernels().transform;
  const std::vector<Fp> block_roots = inverse_block_roots(log_block);
  const Roots row_roots = prepare_roots(kernels, shape.log_rows);
  const Roots column_roots = prepare_roots(kernels, shape.log_columns);
  const std::vector<Fp> column_factors = powers(two_adic_generator(log_codeword), columns);

  auto intermediate = context.buffer<uint32_t>(group * rows * shape.pitch, "encoding");
  for (size_t first = 0; first < width; first += group) {
    const size_t count = std::min(group, width - first);
    const Columns source = source_of(first, count);
    const size_t column_tiles = columns / kTile, row_tiles = rows / kTile;
    context.parallel_for(count * column_tiles, kTilesPerRange, [&](size_t begin, size_t end) {
      auto scratch = context.buffer<uint32_t>(dft_columns_scratch_words(shape), "encoding scratch");
      for (size_t i = begin; i < end; ++i) {
        const size_t c = i / column_tiles;
        kernels.dft_columns(shape, words(source.data + c * source.stride), words(block_roots.data()),
                            words(row_roots), words(column_factors.data()), i % column_tiles,
                            intermediate.data() + c * rows * shape.pitch, scratch.data());
      }
    });
    context.parallel_for(count * row_tiles, kTilesPerRange, [&](size_t begin, size_t end) {
      auto scratch = context.buffer<uint32_t>(dft_scratch_words(shape.log_columns), "encoding scratch");
      for (size_t i = begin; i < end; ++i) {
        const size_t c = i / row_tiles;
        kernels.dft_rows(shape, intermediate.data() + c * rows * shape.pitch, words(column_roots),
                         i % row_tiles, words(codewords + (first + c) * codeword_stride), scratch.data());
      }
    });
  }
}

uint64_t encode_bytes(size_t width, uint32_t log_block, uint32_t log_message, uint32_t log_codeword,
                      unsigned threads) {
  if (!is_tiled(log_message, log_codeword)) return 0;
  const DftShape shape = dft_shape(log_message, log_codeword, log_block);
  const uint64_t intermediate = (group_width(width, log_codeword) << shape.log_rows) * shape.pitch;
  const uint64_t scratch = std::max(dft_columns_scratch_words(shape), dft_scratch_words(shape.log_columns));
  return sizeof(Fp) * (intermediate + threads * scratch);
}

}  // namespace

void block_messages(const Context& context, const Fp* in, Fp* out, size_t count, uint32_t l_skip) {
  const size_t size = size_t{1} << l_skip;
  const std::vector<Fp> roots = inverse_block_roots(l_skip);
  const Kernels& kernels = stages::kernels();
  const size_t grain = std::max<size_t>((size_t{1} << 16) >> l_skip, kTile);
  context.parallel_for(count / size, grain, [&](size_t begin, size_t end) {
    auto scratch = context.buffer<uint32_t>(kTile * size, "block transform");
    kernels.transform.block_messages(words(in), words(out), l_skip, words(roots.data()), begin, end,
                                     scratch.data());
  });
}

void encode_columns(const Context& context, const Fp* messages, size_t message_stride, size_t width,
                    uint32_t log_message, uint32_t log_codeword, Fp* codewords, size_t codeword_stride) {
  encode_groups(
      context, width, 0, log_message, log_codeword, codewords, codeword_stride,
      [&](size_t first, size_t) { return Columns{messages + first * message_stride, message_stride}; });
}

void encode_blocks(const Context& context, const Fp* values, uint32_t l_skip, size_t width,
                   uint32_t log_message, uint32_t log_codeword, Fp* codewords, size_t codeword_stride) {
  if (is_fused(l_skip, log_message, log_codeword)) {
    const size_t stride = size_t{1} << log_message;
    encode_groups(context, width, l_skip, log_message, log_codeword, codewords, codeword_stride,
                  [&](size_t first, size_t) { return Columns{values + first * stride, stride}; });
    return;
  }
  // The messages of a group are made in a buffer that stays in the last-level cache.
  auto messages = context.buffer<Fp>(group_width(width, log_codeword) << log_message, "messages");
  encode_groups(context, width, 0, log_message, log_codeword, codewords, codeword_stride,
                [&](size_t first, size_t count) {
                  block_messages(context, values + (first << log_message), messages.data(),
                                 count << log_message, l_skip);
                  return Columns{messages.data(), size_t{1} << log_message};
                });
}

uint64_t encode_columns_bytes(size_t width, uint32_t log_message, uint32_t log_codeword, unsigned threads) {
  return encode_bytes(width, 0, log_message, log_codeword, threads);
}

uint64_t encode_blocks_bytes(uint32_t l_skip, size_t width, uint32_t log_message, uint32_t log_codeword,
                             unsigned threads) {
  if (is_fused(l_skip, log_message, log_codeword))
    return encode_bytes(width, l_skip, log_message, log_codeword, threads);
  const uint64_t messages = group_width(width, log_codeword) << log_message;
  const uint64_t scratch = threads * (uint64_t{kTile} << l_skip);
  return sizeof(Fp) * (messages + scratch) + encode_columns_bytes(width, log_message, log_codeword, threads);
}

}  // namespace openswirl::stages
