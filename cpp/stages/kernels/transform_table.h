// Transform kernels: block messages and the two passes of a long DFT (protocol part 03, 7 and 9.3).
#pragma once

#include <cstddef>
#include <cstdint>

namespace openswirl::stages {

// Adjacent columns (pass one) or rows (pass two) that one call of a DFT pass transforms together.
inline constexpr size_t kTile = 16;
// Blocks of at most 2^kMaxLogTileBlock values lie within a row of a tile.
inline constexpr uint32_t kMaxLogTileBlock = 4;

// A DFT of 2^(log_rows + log_columns) values seen as a matrix of rows x columns, row-major; both logs at
// least 4.
struct DftShape {
  uint32_t log_rows = 0, log_columns = 0;
  uint32_t log_zero =
      0;             // only the first 2^(log_rows - log_zero) rows of the input exist, the others are zero
  size_t pitch = 0;  // words between rows of the intermediate matrix
  // The input are messages; or, if this is not 0, values on blocks of 2^log_block, at most kTile, whose
  // messages are transformed.
  uint32_t log_block = 0;
};

// Room for a tile in 64-bit lanes, with a line after every 16 rows.
constexpr size_t dft_scratch_words(uint32_t log_size) { return (size_t{33} << log_size) + 16; }

// The same, and for the messages of its blocks.
constexpr size_t dft_columns_scratch_words(const DftShape& shape) {
  return dft_scratch_words(shape.log_rows) +
         (shape.log_block == 0 ? 0 : kTile << (shape.log_rows - shape.log_zero));
}

struct TransformKernels {
  // The roots that the DFT passes take, root_words words each, 8-byte aligned, from Montgomery words.
  size_t root_words;
  void (*prepare_roots)(const uint32_t* roots, size_t count, uint32_t* prepared);

  // Values on D to message entries, per block of 2^log_block words in [begin, end): inverse DFT, then zeta.
  // inverse_roots: w^-j for j < 2^log_block / 2. scratch: 16 * 2^log_block words, 64-byte aligned. in == out
  // is fine.
  void (*block_messages)(const uint32_t* in, uint32_t* out, uint32_t log_block, const uint32_t* inverse_roots,
                         size_t begin, size_t end, uint32_t* scratch);

  // Columns [16 * tile, 16 * tile + 16): DFT down the rows, entry (k, c) times root^(k c), to the
  // intermediate matrix. block_roots: w^-j for j < 2^log_block / 2; row_roots: powers of the root of order
  // 2^log_rows, half of them, prepared; column_factors: root^c for all columns. scratch:
  // dft_columns_scratch_words(shape), 64-byte aligned.
  void (*dft_columns)(const DftShape& shape, const uint32_t* in, const uint32_t* block_roots,
                      const uint32_t* row_roots, const uint32_t* column_factors, size_t tile,
                      uint32_t* intermediate, uint32_t* scratch);

  // Rows [16 * tile, 16 * tile + 16) of the intermediate matrix: DFT along the columns; entry (k, j) is the
  // value of index k + 2^log_rows * j. scratch: dft_scratch_words(log_columns), 64-byte
  // aligned.
  void (*dft_rows)(const DftShape& shape, const uint32_t* intermediate, const uint32_t* column_roots,
                   size_t tile, uint32_t* out, uint32_t* scratch);
};

}  // namespace openswirl::stages
