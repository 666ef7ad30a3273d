// The two passes of a long DFT in lazy 64-bit lanes: a butterfly is a multiplication, a sum and a difference,
// nothing is reduced before a pass ends, and up to four layers run in registers.
#pragma once

#include "field/kernels/lazy.h"
#include "stages/kernels/block_transform.h"

namespace openswirl::OPENSWIRL_ISA {
namespace {

// The index whose bit reversal follows that of the index whose reversal is `reversed`.
OPENSWIRL_INLINE size_t next_reversed(size_t reversed, size_t size) {
  size_t bit = size >> 1;
  for (; reversed & bit; bit >>= 1) reversed ^= bit;
  return reversed | bit;
}

namespace lazy {

// Every element starts this much higher: a layer subtracts less than 2 p, and there are at most 14.
constexpr uint64_t kLift = uint64_t{Fp::kModulus} << 5;
// What a difference of unmultiplied elements needs in layer l: elements below 2^38 double once a layer.
constexpr uint64_t lift_of_layer(size_t l) { return uint64_t{Fp::kModulus} << (8 + l); }

constexpr size_t kRadix = 16;
constexpr size_t kAhead = 2;  // blocks or rows that memory is asked for in advance

// Prepared roots are the value and its product by -p^-1, as Factor holds them.
template <class L>
OPENSWIRL_INLINE Factor<L> load_root(const uint64_t* roots, size_t index) {
  return Factor<L>(L::broadcast(roots[2 * index]), L::broadcast(roots[2 * index + 1]));
}

template <class L>
OPENSWIRL_INLINE void butterfly(L& a, L& b, const Factor<L>& root) {
  const L product = multiply(b, root, L::broadcast(kAddend - Fp::kModulus));
  b = a - product;
  a = a + product;
}

// The first four layers. Where two_to(known_zeros) does not divide k, element k is zero.
template <size_t known_zeros, class L>
OPENSWIRL_INLINE void first_layers(L (&x)[kRadix], const uint64_t* roots, uint32_t log_size) {
  unrolled<4>(OPENSWIRL_UNROLLED {
    constexpr size_t l = index, half = size_t{1} << l;
    unrolled<kRadix / 2>([&](auto pair) __attribute__((always_inline)) {
      constexpr size_t k = pair % half, i = pair / half * 2 * half + k;
      if constexpr (l < known_zeros) {
        x[i + half] = x[i];
      } else if constexpr (k == 0) {
        const L difference = x[i] + (L::broadcast(lift_of_layer(l)) - x[i + half]);
        x[i] = x[i] + x[i + half];
        x[i + half] = difference;
      } else {
        butterfly(x[i], x[i + half], load_root<L>(roots, k << (log_size - 1 - l)));
      }
    });
  });
}

// `layers` layers, the first of half 2^log_half, on the elements j + k * 2^log_half of a block.
template <size_t layers, class L>
OPENSWIRL_INLINE void next_layers(L (&x)[kRadix], const uint64_t* roots, uint32_t log_size, uint32_t log_half,
                                  size_t j) {
  unrolled<layers>(OPENSWIRL_UNROLLED {
    constexpr size_t l = index, step = size_t{1} << l;
    const uint32_t log_root_step = log_size - 1 - log_half - static_cast<uint32_t>(l);
    const uint64_t* first_root = roots + 2 * (j << log_root_step);
    unrolled<step>([&](auto k) __attribute__((always_inline)) {
      const Factor<L> root = load_root<L>(first_root, k << (log_half + log_root_step));
      unrolled<(size_t{1} << layers) / 2 / step>([&](auto block) __attribute__((always_inline)) {
        constexpr size_t i = block * 2 * step + k;
        butterfly(x[i], x[i + step], root);
      });
    });
  });
}

// Rows of two halves; a line of padding after every 16 keeps rows at a power-of-two distance out of one cache
// set.
OPENSWIRL_INLINE size_t scratch_offset(size_t row) { return (2 * row + row / kRadix) * stages::kTile / 2; }

// Layers after the first four on the rows in `scratch`: the last ones end in store(j, log_stride, half, x),
// x[k] being the value of index j + k * 2^log_stride.
template <class L, size_t layers, class Store>
OPENSWIRL_INLINE void last_layers(uint64_t* scratch, uint32_t log_size, const uint64_t* roots,
                                  Store&& store) {
  const auto log_stride = static_cast<uint32_t>(log_size - layers);
  const size_t distance = scratch_offset(size_t{1} << log_stride);
  for (size_t j = 0; j < size_t{1} << log_stride; ++j) {
    for (size_t half = 0; half < 2; ++half) {
      const uint64_t* row = scratch + scratch_offset(j) + half * stages::kTile / 2;
      L x[kRadix];
      unrolled<size_t{1} << layers>(OPENSWIRL_UNROLLED { x[index] = L::load(row + index * distance); });
      next_layers<layers>(x, roots, log_size, log_stride, j);
      store(j, log_stride, half, x, Index<(size_t{1} << layers)>{});
    }
  }
}
template <class L, size_t layers>
__attribute__((noinline)) void middle_layers(uint64_t* scratch, uint32_t log_size, uint32_t log_stride,
                                             const uint64_t* roots) {
  const size_t size = size_t{1} << log_size, stride = size_t{1} << log_stride,
               distance = scratch_offset(stride);
  for (size_t j = 0; j < stride; ++j) {
    for (size_t start = j; start < size; start += stride << layers) {
      for (size_t half = 0; half < 2; ++half) {
        uint64_t* row = scratch + scratch_offset(start) + half * stages::kTile / 2;
        L x[kRadix];
        unrolled<size_t{1} << layers>(OPENSWIRL_UNROLLED { x[index] = L::load(row + index * distance); });
        next_layers<layers>(x, roots, log_size, log_stride, j);
        unrolled<size_t{1} << layers>(OPENSWIRL_UNROLLED { x[index].store(row + index * distance); });
      }
    }
  }
}
template <class L, class Store>
OPENSWIRL_INLINE void remaining_layers(uint64_t* scratch, uint32_t log_size, const uint64_t* roots,
                                       Store&& store) {
  const uint32_t last = log_size - 4 < 4 ? log_size - 4 : 4, odd = (log_size - 4 - last) % 4;
  uint32_t log_stride = 4;
  if (odd == 1) middle_layers<L, 1>(scratch, log_size, log_stride, roots);
  if (odd == 2) middle_layers<L, 2>(scratch, log_size, log_stride, roots);
  if (odd == 3) middle_layers<L, 3>(scratch, log_size, log_stride, roots);
  for (log_stride += odd; log_stride < log_size - last; log_stride += 4) {
    middle_layers<L, 4>(scratch, log_size, log_stride, roots);
  }
  if (last == 1) last_layers<L, 1>(scratch, log_size, roots, store);
  if (last == 2) last_layers<L, 2>(scratch, log_size, roots, store);
  if (last == 3) last_layers<L, 3>(scratch, log_size, roots, store);
  if (last == 4) last_layers<L, 4>(scratch, log_size, roots, store);
}

// The first layers of one block. words(k) points at the words of its k-th row in natural order, or is null
// where that row is zero.
template <size_t known_zeros, class L, class Words, class Store>
OPENSWIRL_INLINE void first_block(uint32_t log_size, const uint64_t* roots, Words&& words, Store&& store) {
  for (size_t half = 0; half < 2; ++half) {
    L x[kRadix];
    unrolled<kRadix>(OPENSWIRL_UNROLLED {
      if constexpr (index % (size_t{1} << known_zeros) == 0) {
        const uint32_t* from = words(Index<reversed_bits(index, 4)>{});
        x[index] = L::broadcast(kLift);
        if (from != nullptr) x[index] = x[index] + L::load_words(from + half * stages::kTile / 2);
      }
    });
    first_layers<known_zeros>(x, roots, log_size);
    store(half, x);
  }
}

// DFT of 2^log_size rows, natural order to natural order. words(block, k) points at the words of row block +
// k * size / 16, after begin(block); store is what last_layers takes.
template <class L, class Begin, class Words, class Store>
OPENSWIRL_INLINE void dft(uint32_t log_size, uint32_t log_zero, const uint64_t* roots, uint64_t* scratch,
                          Begin&& begin, Words&& words, Store&& store) {
  const size_t size = size_t{1} << log_size, blocks = size / kRadix, rows = size >> log_zero;
  const auto run = [&](auto known_zeros, auto is_checked) __attribute__((always_inline)) {
    for (size_t block = 0, reversed = 0; block < blocks; ++block) {
      begin(block);
      const auto words_of = [&](auto k) __attribute__((always_inline)) -> const uint32_t* {
        if constexpr (is_checked != 0) {
          if (block + k * blocks >= rows) return nullptr;
        }
        return words(block, k);
      };
      if (blocks == 1) {
        first_block<known_zeros, L>(log_size, roots, words_of, [&](size_t half, L(&x)[kRadix]) {
          store(size_t{0}, 0u, half, x, Index<kRadix>{});
        });
      } else {
        first_block<known_zeros, L>(
            log_size, roots, words_of, [&](size_t half, L(&x)[kRadix]) __attribute__((always_inline)) {
              uint64_t* row = scratch + scratch_offset(reversed * kRadix) + half * stages::kTile / 2;
              unrolled<kRadix>(OPENSWIRL_UNROLLED { x[index].store(row + index * stages::kTile); });
            });
      }
      reversed = next_reversed(reversed, blocks);
    }
  };
  if (log_zero == 0) run(Index<0>{}, Index<0>{});
  if (log_zero == 1) run(Index<1>{}, Index<0>{});
  if (log_zero == 2 || log_zero == 3) run(Index<2>{}, Index<1>{});
  if (log_zero >= 4) run(Index<4>{}, Index<1>{});
  if (blocks > 1) remaining_layers<L>(scratch, log_size, roots, store);
}

template <class L>
void dft_columns(const stages::DftShape& shape, const uint32_t* in, const uint32_t* block_roots,
                 const uint32_t* row_roots, const uint32_t* column_factors, size_t tile,
                 uint32_t* intermediate, uint32_t* scratch) {
  const size_t column = tile * stages::kTile;
  const TileRows rows =
      tile_rows(shape, in, tile, block_roots, scratch + stages::dft_scratch_words(shape.log_rows));
  const size_t blocks = (size_t{1} << shape.log_rows) / kRadix;
  const size_t blocks_of_rows = blocks >> shape.log_zero == 0 ? 1 : blocks;
  // The factors of row j, those of the next row and of the row 2^log_stride later.
  L of_row[2], step[2], leap[2];
  bool has_leap = false;
  for (size_t half = 0; half < 2; ++half) {
    step[half] =
        multiply(L::load_words(column_factors + column + half * stages::kTile / 2), Factor<L>(two_to(72)));
    // What the messages of blocks are too large by goes out here.
    of_row[half] = L::broadcast(form52(Fp::one().div_2exp(shape.log_block)));
  }
  dft<L>(
      shape.log_rows, shape.log_zero, reinterpret_cast<const uint64_t*>(row_roots),
      reinterpret_cast<uint64_t*>(scratch),
      [&](size_t block) __attribute__((always_inline)) {
        // No hardware prefetcher follows rows that far apart.
        for (size_t k = 0; k < kRadix >> shape.log_zero; ++k) {
          __builtin_prefetch(rows.data + (block + kAhead + k * blocks_of_rows) * rows.stride);
        }
      },
      [&](size_t block, size_t k)
          __attribute__((always_inline)) { return rows.data + (block + k * blocks) * rows.stride; },
      [&](size_t j, uint32_t log_stride, size_t half, auto& x, auto count) __attribute__((always_inline)) {
        if (!has_leap) {
          has_leap = true;
          leap[0] = step[0], leap[1] = step[1];
          for (uint32_t doubling = 0; doubling < log_stride; ++doubling) {
            for (L& factor : leap) factor = multiply(factor, Factor<L>(factor));
          }
        }
        // Two chains, so that a product does not wait for the one before it.
        const Factor<L> leap1(leap[half]), leap2(multiply(leap[half], leap1));
        L factors[2] = {of_row[half], multiply(of_row[half], leap1)};
        const size_t distance = shape.pitch << log_stride;
        uint32_t* target = intermediate + j * shape.pitch + column + half * stages::kTile / 2;
        unrolled<count>(OPENSWIRL_UNROLLED {
          L& factor = factors[index % 2];
          // Below 2 p + 2^22: fits a word.
          multiply(x[index], Factor<L>(factor)).store_words(target + index * distance);
          __builtin_prefetch(target + index * distance + kAhead * shape.pitch, 1);
          factor = multiply(factor, leap2);
        });
        of_row[half] = multiply(of_row[half], Factor<L>(step[half]));
      });
}

template <class V, class L>
void dft_rows(const stages::DftShape& shape, const uint32_t* intermediate, const uint32_t* column_roots,
              size_t tile, uint32_t* out, uint32_t* scratch) {
  static_assert(V::kLanes == stages::kTile);
  const size_t rows = size_t{1} << shape.log_rows, columns = size_t{1} << shape.log_columns;
  const size_t row = tile * stages::kTile, blocks = columns / kRadix, group = blocks < 4 ? blocks : 4;
  const uint32_t log_blocks = shape.log_columns - 4;
  const bool is_aligned = reinterpret_cast<uintptr_t>(out) % 64 == 0;
  // Sixteen rows of up to four blocks, transposed together: element k of block b at (b * kRadix + k) * kTile.
  alignas(64) uint32_t staged[4 * kRadix * stages::kTile];
  alignas(64) uint64_t low[kRadix * stages::kTile / 2];
  dft<L>(
      shape.log_columns, 0, reinterpret_cast<const uint64_t*>(column_roots),
      reinterpret_cast<uint64_t*>(scratch),
      [&](size_t block) __attribute__((always_inline)) {
        if (block % group != 0) return;
        for (size_t quad = 0; quad < kRadix * group / 4; ++quad) {
          const size_t first = blocks < 4 ? 4 * quad : block + quad * blocks;
          const uint32_t* from = intermediate + row * shape.pitch + first;
          V columns_of_rows[4];
          load_quads(from, shape.pitch, columns_of_rows);
          for (size_t i = 0; i < 4; ++i) {
            const size_t column = first + i;
            columns_of_rows[i].store(staged +
                                     (column % group * kRadix + (column >> log_blocks)) * stages::kTile);
          }
          // A quarter of the rows' next lines with each of the four quads on a line.
          const uint32_t* next = from + block % stages::kTile * shape.pitch + stages::kTile;
          for (size_t i = 0; i < 4; ++i) __builtin_prefetch(next + i * shape.pitch);
        }
      },
      [&](size_t block, size_t k)
          __attribute__((always_inline)) { return staged + (block % group * kRadix + k) * stages::kTile; },
      [&](size_t j, uint32_t log_stride, size_t half, auto& x, auto count) __attribute__((always_inline)) {
        unrolled<count>(OPENSWIRL_UNROLLED {
          const L reduced = reduce(x[index]);
          const L word = L::min_words(reduced, reduced - L::broadcast(Fp::kModulus));
          // Whole lines, so that streaming needs not read what it overwrites.
          if (half == 0) {
            word.store(low + index * stages::kTile / 2);
          } else {
            const V words = L::join(L::load(low + index * stages::kTile / 2), word);
            uint32_t* target = out + (j + (index << log_stride)) * rows + row;
            is_aligned ? words.stream(target) : words.store(target);
          }
        });
      });
  if (is_aligned) V::finish_streams();
}

template <class L>
void prepare_roots(const uint32_t* roots, size_t count, uint32_t* prepared) {
  constexpr Fp kForm52 = Fp::from_u64(two_to(52));
  auto* pairs = reinterpret_cast<uint64_t*>(prepared);
  for (size_t i = 0; i < count; ++i) {
    pairs[2 * i] = (Fp::from_word(roots[i]) * kForm52).canonical();
    pairs[2 * i + 1] = pairs[2 * i] * kNegativeInverse & kLow52;
  }
}

}  // namespace lazy

}  // namespace
}  // namespace openswirl::OPENSWIRL_ISA
