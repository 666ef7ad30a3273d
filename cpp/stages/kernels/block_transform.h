// Values on D to message entries, the same position of different blocks in the lanes of a vector (protocol
// part 03, 7).
#pragma once

#include "stages/kernels/lanes.h"
#include "stages/kernels/transform_table.h"

namespace openswirl::OPENSWIRL_ISA {
namespace {

// Calls body(Index<i>) for every i below n; the indices are constants, so that arrays of vectors stay in
// registers.
template <size_t i>
struct Index {
  OPENSWIRL_INLINE constexpr operator size_t() const { return i; }
};
template <size_t n, size_t i = 0, class Body>
OPENSWIRL_INLINE void unrolled(Body&& body) {
  if constexpr (i < n) {
    body(Index<i>{});
    unrolled<n, i + 1>(body);
  }
}
#define OPENSWIRL_UNROLLED [&](auto index) __attribute__((always_inline))

constexpr size_t reversed_bits(size_t i, size_t bits) {
  size_t reversed = 0;
  for (size_t bit = 0; bit < bits; ++bit) reversed |= (i >> bit & 1) << (bits - 1 - bit);
  return reversed;
}

// Inverse DFT without its factor 2^-log_size, then zeta: x[i] is value i of a block before and message entry
// reversed_bits(i) afterwards. inverse_roots: w^-j for j < 2^log_size / 2.
template <size_t log_size, class V>
OPENSWIRL_INLINE void transform_blocks(V* x, const uint32_t* inverse_roots) {
  constexpr size_t size = size_t{1} << log_size;
  unrolled<log_size>([&](auto layer) __attribute__((always_inline)) {
    constexpr size_t half = size_t{1} << layer, blocks = size / 2 / half;
    unrolled<half>([&](auto power) __attribute__((always_inline)) {
      constexpr size_t j = power;
      const V root = V::broadcast(inverse_roots[j * blocks]);
      unrolled<blocks>(OPENSWIRL_UNROLLED {
        constexpr size_t low = reversed_bits(index * 2 * half + j, log_size);
        constexpr size_t high = reversed_bits(index * 2 * half + j + half, log_size);
        const V a = x[low], b = j == 0 ? x[high] : x[high] * root;
        x[low] = a + b;
        x[high] = a - b;
      });
    });
  });
  unrolled<log_size>([&](auto layer) __attribute__((always_inline)) {
    constexpr size_t bit = size_t{1} << layer;
    unrolled<size>(OPENSWIRL_UNROLLED {
      if constexpr ((index & bit) != 0) {
        constexpr size_t entry = reversed_bits(index, log_size), other = reversed_bits(index ^ bit, log_size);
        x[entry] = x[entry] + x[other];
      }
    });
  });
}

// Vectors in the order that transform_blocks leaves, those of one block after those of another, to `words`
// words of rows that lie `stride` apart, one for each lane.
template <size_t log_size, size_t words, class V>
OPENSWIRL_INLINE void store_messages(const V* x, uint32_t* out, size_t stride) {
  unrolled<words / 4>(OPENSWIRL_UNROLLED {
    constexpr size_t first = 4 * index;
    V quad[4];
    unrolled<4>([&](auto i) __attribute__((always_inline)) {
      constexpr size_t word = first + i, block = word >> log_size << log_size;
      quad[i] = x[block + reversed_bits(word - block, log_size)];
    });
    store_quads(out + first, stride, quad);
  });
}

// The messages of the blocks in the first kTile words of each row, 2^log_size times too large, one row of
// kTile words after the other.
template <size_t log_size>
OPENSWIRL_INLINE void tile_messages_of(const uint32_t* in, size_t stride, size_t rows,
                                       const uint32_t* inverse_roots, uint32_t* out) {
  constexpr size_t kAhead = 2, kSize = size_t{1} << log_size;
  for_lanes(0, rows, [&]<class V>(Lanes<V>, size_t row) __attribute__((always_inline)) {
    // Rows that far apart share a set of the first cache, and no hardware prefetcher follows them.
    alignas(64) uint32_t staged[V::kLanes * stages::kTile];
    for (size_t i = 0; i < V::kLanes; ++i) {
      const uint32_t* from = in + (row + i) * stride;
      for (size_t word = 0; word < stages::kTile; word += V::kLanes)
        V::load(from + word).store(staged + i * stages::kTile + word);
      __builtin_prefetch(from + kAhead * V::kLanes * stride, 0, 2);
    }
    V x[stages::kTile];
    unrolled<stages::kTile / 4>(
        OPENSWIRL_UNROLLED { load_quads(staged + 4 * index, stages::kTile, x + 4 * index); });
    unrolled<stages::kTile / kSize>(
        OPENSWIRL_UNROLLED { transform_blocks<log_size>(x + kSize * index, inverse_roots); });
    store_messages<log_size, stages::kTile>(x, out + row * stages::kTile, stages::kTile);
  });
}

__attribute__((noinline)) void tile_messages(uint32_t log_block, const uint32_t* in, size_t stride,
                                             size_t rows, const uint32_t* inverse_roots, uint32_t* out) {
  static_assert(size_t{1} << stages::kMaxLogTileBlock == stages::kTile);
  if (log_block == 1) tile_messages_of<1>(in, stride, rows, inverse_roots, out);
  if (log_block == 2) tile_messages_of<2>(in, stride, rows, inverse_roots, out);
  if (log_block == 3) tile_messages_of<3>(in, stride, rows, inverse_roots, out);
  if (log_block == 4) tile_messages_of<4>(in, stride, rows, inverse_roots, out);
}

// The rows that the first pass transforms: of the input itself, or of messages made of it in `scratch`.
struct TileRows {
  const uint32_t* data;
  size_t stride;
};
OPENSWIRL_INLINE TileRows tile_rows(const stages::DftShape& shape, const uint32_t* in, size_t tile,
                                    const uint32_t* block_roots, uint32_t* scratch) {
  const size_t columns = size_t{1} << shape.log_columns;
  const uint32_t* from = in + tile * stages::kTile;
  if (shape.log_block == 0) return {from, columns};
  tile_messages(shape.log_block, from, columns, size_t{1} << (shape.log_rows - shape.log_zero), block_roots,
                scratch);
  return {scratch, stages::kTile};
}

}  // namespace
}  // namespace openswirl::OPENSWIRL_ISA
