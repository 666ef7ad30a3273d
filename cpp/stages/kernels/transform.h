// Transform kernels: a vector holds the same position of different transforms, so butterflies never shuffle
// lanes.
#pragma once

#include "stages/kernels/transform_lazy.h"

namespace openswirl::OPENSWIRL_ISA {
namespace {

// A row of `kTile` words, or of one vector for block messages.
template <class V, size_t kVectors>
struct Row {
  static constexpr size_t kWords = kVectors * V::kLanes;

  static OPENSWIRL_INLINE Row load(const uint32_t* words) {
    Row row;
    for (size_t i = 0; i < kVectors; ++i) row.v[i] = V::load(words + i * V::kLanes);
    return row;
  }
  OPENSWIRL_INLINE void store(uint32_t* words) const {
    for (size_t i = 0; i < kVectors; ++i) v[i].store(words + i * V::kLanes);
  }
  friend OPENSWIRL_INLINE Row operator+(const Row& a, const Row& b) {
    Row row;
    for (size_t i = 0; i < kVectors; ++i) row.v[i] = a.v[i] + b.v[i];
    return row;
  }
  friend OPENSWIRL_INLINE Row operator-(const Row& a, const Row& b) {
    Row row;
    for (size_t i = 0; i < kVectors; ++i) row.v[i] = a.v[i] - b.v[i];
    return row;
  }
  friend OPENSWIRL_INLINE Row operator*(const Row& a, const Row& b) {
    Row row;
    for (size_t i = 0; i < kVectors; ++i) row.v[i] = a.v[i] * b.v[i];
    return row;
  }
  OPENSWIRL_INLINE Row times(V factor) const {
    Row row;
    for (size_t i = 0; i < kVectors; ++i) row.v[i] = v[i] * factor;
    return row;
  }

  V v[kVectors];
};

using TileRow = Row<Vec, stages::kTile / Vec::kLanes>;

template <class R>
OPENSWIRL_INLINE void dit_layer(uint32_t* rows, size_t count, size_t half, const uint32_t* roots,
                                size_t root_step) {
  for (size_t start = 0; start < count; start += 2 * half) {
    for (size_t j = 0; j < half; ++j) {
      uint32_t* low = rows + (start + j) * R::kWords;
      uint32_t* high = low + half * R::kWords;
      const R a = R::load(low),
              b = R::load(high).times(decltype(a.v[0] + a.v[0])::broadcast(roots[j * root_step]));
      (a + b).store(low);
      (a - b).store(high);
    }
  }
}

// Layers `half` and 2 * half at once.
template <class R>
OPENSWIRL_INLINE void dit_two_layers(uint32_t* rows, size_t count, size_t half, const uint32_t* roots,
                                     size_t root_step) {
  for (size_t j = 0; j < half; ++j) {
    using V = decltype(R{}.v[0] + R{}.v[0]);
    const V first = V::broadcast(roots[j * root_step]);
    const V second = V::broadcast(roots[j * (root_step / 2)]);
    const V third = V::broadcast(roots[(j + half) * (root_step / 2)]);
    for (size_t start = j; start < count; start += 4 * half) {
      uint32_t* p = rows + start * R::kWords;
      const size_t step = half * R::kWords;
      const R a = R::load(p), b = R::load(p + step).times(first);
      const R c = R::load(p + 2 * step), d = R::load(p + 3 * step).times(first);
      const R ab = a + b, a_b = a - b, cd = (c + d).times(second), c_d = (c - d).times(third);
      (ab + cd).store(p);
      (a_b + c_d).store(p + step);
      (ab - cd).store(p + 2 * step);
      (a_b - c_d).store(p + 3 * step);
    }
  }
}

// Layers of halves [first_half, last_half] of a transform of `size` rows, on the `count` rows given.
template <class R>
OPENSWIRL_INLINE void dit_layers(uint32_t* rows, size_t count, size_t first_half, size_t last_half,
                                 size_t size, const uint32_t* roots) {
  size_t half = first_half;
  while (half * 2 <= last_half) {
    dit_two_layers<R>(rows, count, half, roots, size / 2 / half);
    half *= 4;
  }
  if (half <= last_half) dit_layer<R>(rows, count, half, roots, size / 2 / half);
}

// Decimation in time: rows in bit-reversed order to natural order, starting at layer `first_half`.
template <class R>
OPENSWIRL_INLINE void dit(uint32_t* rows, size_t size, size_t first_half, const uint32_t* roots) {
  constexpr size_t kCached = 256;  // rows that the first-level cache holds
  if (size <= kCached || first_half >= kCached) {
    dit_layers<R>(rows, size, first_half, size / 2, size, roots);
    return;
  }
  for (size_t start = 0; start < size; start += kCached) {
    dit_layers<R>(rows + start * R::kWords, kCached, first_half, kCached / 2, size, roots);
  }
  dit_layers<R>(rows, size, kCached, size / 2, size, roots);
}

void dft_columns(const stages::DftShape& shape, const uint32_t* in, const uint32_t* block_roots,
                 const uint32_t* row_roots, const uint32_t* column_factors, size_t tile,
                 uint32_t* intermediate, uint32_t* scratch) {
  const size_t rows = size_t{1} << shape.log_rows, copies = size_t{1} << shape.log_zero;
  const size_t column = tile * stages::kTile;
  const TileRows from =
      tile_rows(shape, in, tile, block_roots, scratch + stages::dft_scratch_words(shape.log_rows));
  // Zero rows turn the first layers into copies.
  for (size_t row = 0, reversed = 0; row < rows >> shape.log_zero; ++row) {
    const TileRow value = TileRow::load(from.data + row * from.stride);
    for (size_t i = 0; i < copies; ++i) value.store(scratch + (reversed + i) * stages::kTile);
    reversed = next_reversed(reversed, rows);
  }
  dit<TileRow>(scratch, rows, copies, row_roots);

  // Four chains of powers, so that a product does not wait for the one before it.
  const TileRow step = TileRow::load(column_factors + column), step2 = step * step, step4 = step2 * step2;
  TileRow factor[4];
  // What the messages of blocks are too large by goes out here.
  for (Vec& v : factor[0].v) v = Vec::broadcast(Fp::one().div_2exp(shape.log_block).word());
  factor[1] = factor[0] * step, factor[2] = factor[0] * step2, factor[3] = factor[1] * step2;
  for (size_t row = 0; row < rows; row += 4) {
    for (size_t i = 0; i < 4; ++i) {
      const TileRow value = TileRow::load(scratch + (row + i) * stages::kTile) * factor[i];
      value.store(intermediate + (row + i) * shape.pitch + column);
      factor[i] = factor[i] * step4;
    }
  }
}

void dft_rows(const stages::DftShape& shape, const uint32_t* intermediate, const uint32_t* column_roots,
              size_t tile, uint32_t* out, uint32_t* scratch) {
  const size_t rows = size_t{1} << shape.log_rows, columns = size_t{1} << shape.log_columns;
  const size_t row = tile * stages::kTile;
  for (size_t column = 0, reversed = 0; column < columns; column += 4) {
    size_t targets[4];
    for (size_t& target : targets) target = reversed, reversed = next_reversed(reversed, columns);
    for (size_t lane = 0; lane < stages::kTile; lane += Vec::kLanes) {
      Vec quad[4];
      load_quads(intermediate + (row + lane) * shape.pitch + column, shape.pitch, quad);
      for (size_t i = 0; i < 4; ++i) quad[i].store(scratch + targets[i] * stages::kTile + lane);
    }
  }
  dit<TileRow>(scratch, columns, 1, column_roots);
  for (size_t j = 0; j < columns; ++j) TileRow::load(scratch + j * stages::kTile).store(out + j * rows + row);
}

// In registers, for the sizes of the presets.
template <size_t log_block>
OPENSWIRL_INLINE void block_messages_of(const uint32_t* in, uint32_t* out, const uint32_t* inverse_roots,
                                        size_t begin, size_t end) {
  constexpr size_t size = size_t{1} << log_block;
  const uint32_t scale = Fp::one().div_2exp(log_block).word();
  for_lanes(begin, end, [&]<class V>(Lanes<V>, size_t block) {
    V x[size];
    unrolled<size / 4>(
        OPENSWIRL_UNROLLED { load_quads(in + block * size + 4 * index, size, x + 4 * index); });
    unrolled<size>(OPENSWIRL_UNROLLED { x[index] = x[index] * V::broadcast(scale); });
    transform_blocks<log_block>(x, inverse_roots);
    store_messages<log_block, size>(x, out + block * size, size);
  });
}

void block_messages(const uint32_t* in, uint32_t* out, uint32_t log_block, const uint32_t* inverse_roots,
                    size_t begin, size_t end, uint32_t* scratch) {
  const size_t size = size_t{1} << log_block;
  const uint32_t scale = Fp::one().div_2exp(log_block).word();
  if (log_block == 0) {
    for (size_t i = begin; i < end; ++i) out[i] = in[i];
    return;
  }
  if (log_block == 2) return block_messages_of<2>(in, out, inverse_roots, begin, end);
  if (log_block == 4) return block_messages_of<4>(in, out, inverse_roots, begin, end);
  if (log_block == 1) {
    for_lanes(begin, end, [&]<class V>(Lanes<V>, size_t block) {
      V even, odd, first, second;
      deinterleave(V::load(in + 2 * block), V::load(in + 2 * block + V::kLanes), even, odd);
      interleave((even + odd).halve(), even, first, second);
      first.store(out + 2 * block);
      second.store(out + 2 * block + V::kLanes);
    });
    return;
  }
  for_lanes(begin, end, [&]<class V>(Lanes<V>, size_t block) {
    using R = Row<V, 1>;
    V quad[4];
    for (size_t i = 0, reversed = 0; i < size; i += 4) {
      load_quads(in + block * size + i, size, quad);
      for (size_t j = 0; j < 4; ++j) {
        (quad[j] * V::broadcast(scale)).store(scratch + reversed * R::kWords);
        reversed = next_reversed(reversed, size);
      }
    }
    dit_layers<R>(scratch, size, 1, size / 2, size, inverse_roots);
    for (size_t bit = 1; bit < size; bit *= 2) {
      for (size_t i = 0; i < size; ++i) {
        if (i & bit)
          (R::load(scratch + i * R::kWords) + R::load(scratch + (i ^ bit) * R::kWords))
              .store(scratch + i * R::kWords);
      }
    }
    for (size_t i = 0; i < size; i += 4) {
      for (size_t j = 0; j < 4; ++j) quad[j] = V::load(scratch + (i + j) * R::kWords);
      store_quads(out + block * size + i, size, quad);
    }
  });
}

void copy_roots(const uint32_t* roots, size_t count, uint32_t* prepared) {
  for (size_t i = 0; i < count; ++i) prepared[i] = roots[i];
}

template <class L>
constexpr stages::TransformKernels transform_kernels() {
  return {4, lazy::prepare_roots<L>, block_messages, lazy::dft_columns<L>, lazy::dft_rows<Vec, L>};
}
template <>
constexpr stages::TransformKernels transform_kernels<void>() {
  return {1, copy_roots, block_messages, dft_columns, dft_rows};
}
constexpr stages::TransformKernels make_transform_kernels() { return transform_kernels<Lazy>(); }

}  // namespace
}  // namespace openswirl::OPENSWIRL_ISA
