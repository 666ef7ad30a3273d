// What every evaluator of constraints shares: the operands' places, and how the values of a tile are weighed
// and added up. The interpreter is in kernels/constraint_sums.metal.
#ifndef OPENSWIRL_CONSTRAINT_SUMS_H
#define OPENSWIRL_CONSTRAINT_SUMS_H

#include "reduce.h"
#include "sums.h"

#include "constraint_sums_args.h"

// Base elements at four consecutive points.
struct Points {
  Fp v[4];
};

FN Points points(Fp a, Fp b, Fp c, Fp d) {
  Points result;
  result.v[0] = a;
  result.v[1] = b;
  result.v[2] = c;
  result.v[3] = d;
  return result;
}
FN Points points_load(DEVICE const u32* p) {
  const U4 words = gpu_load4(p);
  return points(fp_word(words.x), fp_word(words.y), fp_word(words.z), fp_word(words.w));
}
FN Points points_add(Points a, Points b) {
  return points(fp_add(a.v[0], b.v[0]), fp_add(a.v[1], b.v[1]), fp_add(a.v[2], b.v[2]),
                fp_add(a.v[3], b.v[3]));
}
FN Points points_sub(Points a, Points b) {
  return points(fp_sub(a.v[0], b.v[0]), fp_sub(a.v[1], b.v[1]), fp_sub(a.v[2], b.v[2]),
                fp_sub(a.v[3], b.v[3]));
}
FN Points points_mul(Points a, Points b) {
  return points(fp_mul(a.v[0], b.v[0]), fp_mul(a.v[1], b.v[1]), fp_mul(a.v[2], b.v[2]),
                fp_mul(a.v[3], b.v[3]));
}

// Extension elements at four consecutive points.
struct PointSums {
  Ext v[4];
};
FN PointSums point_sums_zero() {
  PointSums result;
  UNROLL
  for (u32 k = 0; k < 4u; ++k) result.v[k] = ext_zero();
  return result;
}

// sums + w_a a + w_b b; `weights` points to w_a and, behind it, w_b.
FN PointSums points_accumulate(PointSums sums, DEVICE const u32* weights, Points a, Points b) {
  const Ext weight_a = ext_load(weights), weight_b = ext_load(weights + 4);
  PointSums result;
  UNROLL
  for (u32 i = 0; i < 4u; ++i) {
    UNROLL
    for (u32 k = 0; k < 4u; ++k) {
      const u64 products = fp_product(weight_a.c[k], a.v[i]) + fp_product(weight_b.c[k], b.v[i]);
      result.v[i].c[k] = fp_add(sums.v[i].c[k], fp_reduce(products));
    }
  }
  return result;
}

// Where a thread of a tile is. `pieces` points to the piece's descriptor.
struct TilePlace {
  u32 tile;   // within the piece
  u32 rest;   // of the tile: within its coset, or its X
  u32 coset;  // or number of X
  u32 first;  // point or line of the thread: the first of four, or the only one
  bool active;
};

FN TilePlace tile_place(DEVICE const u32* piece, u32 tile, u32 log_tile, u32 first_in_tile) {
  const u32 log_size = gpu_load(piece + 6);
  const u32 log_tiles = log_size > log_tile ? log_size - log_tile : 0u;
  TilePlace place;
  place.tile = tile - gpu_load(piece);
  place.coset = place.tile >> log_tiles;
  place.rest = place.tile & ((1u << log_tiles) - 1u);
  place.first = (place.rest << log_tile) + first_in_tile;
  place.active = (place.first >> log_size) == 0;
  return place;
}
FN TilePlace points_place(DEVICE const u32* piece, u32 tile, u32 thread_index) {
  return tile_place(piece, tile, CONSTRAINT_LOG_POINTS, 4u * thread_index);
}
FN TilePlace lines_place(DEVICE const u32* piece, u32 tile, u32 thread_index) {
  return tile_place(piece, tile, CONSTRAINT_LOG_LINES, thread_index);
}

// Words from the start of a row to the thread's points. A coset has at least four words.
FN u32 points_offset(DEVICE const u32* piece, TilePlace place) {
  const u32 log_size = gpu_load(piece + 6);
  return (place.coset << (log_size < 2u ? 2u : log_size)) + place.first;
}

// eq(xi, x).
FN Ext point_weight(DEVICE const u32* piece, DEVICE const u32* eq, u32 x) {
  const u32 log_low = gpu_load(piece + 12);
  DEVICE const u32* low = eq + 4u * (gpu_load(piece + 10) + (x & ((1u << log_low) - 1u)));
  return ext_mul(ext_load(low), ext_load(eq + 4u * (gpu_load(piece + 11) + (x >> log_low))));
}

// Adds the weighed values of a tile's points, in scratch point after point, up per z, and stores the tile's
// min(N, 256) sums. By all `threads` of the group.
FN void points_tile_sums(THREADGROUP const u32* scratch, DEVICE const u32* piece, u32 log_block,
                         TilePlace place, DEVICE u32* partials, u32 thread_index, u32 threads) {
  const u32 log_sums = gpu_min(log_block, CONSTRAINT_LOG_POINTS);
  DEVICE u32* out = partials + 4u * ((u64)gpu_load(piece + 13) + ((u64)place.tile << log_sums));
  for (u32 i = thread_index; i < 4u << log_sums; i += threads) {
    Fp sum = fp_zero();
    for (u32 j = i; j < 4u << CONSTRAINT_LOG_POINTS; j += 4u << log_sums)
      sum = fp_add(sum, fp_word(scratch[j]));
    fp_store(out + i, sum);
  }
}

// Weighs the values of the thread's points with eq(xi, x), adds them up per z over the tile and stores the
// tile's min(N, 256) sums. By all threads of the group; scratch: 1024 words.
FN void points_store(THREADGROUP u32* scratch, DEVICE const u32* piece, DEVICE const u32* eq, TilePlace place,
                     PointSums values, DEVICE u32* partials, u32 thread_index) {
  const u32 log_block = gpu_load(piece + 7), log_size = gpu_load(piece + 6),
            first_block = gpu_load(piece + 8);
  Ext weight = ext_zero();
  gpu_barrier_threadgroup();  // the scratch may be somebody's operands
  UNROLL
  for (u32 k = 0; k < 4u; ++k) {
    const u32 point = place.first + k;
    // Points of one block have one weight.
    if (k == 0 || (point & ((1u << log_block) - 1u)) == 0) {
      weight =
          (point >> log_size) == 0 ? point_weight(piece, eq, first_block + (point >> log_block)) : ext_zero();
    }
    const Ext value = ext_mul(weight, values.v[k]);
    UNROLL
    for (u32 c = 0; c < 4u; ++c) scratch[16u * thread_index + 4u * k + c] = value.c[c].v;
  }
  gpu_barrier_threadgroup();
  points_tile_sums(scratch, piece, log_block, place, partials, thread_index, CONSTRAINT_GROUP);
  gpu_barrier_threadgroup();
}

// The same for the value of the thread's line: one sum for the tile. scratch: 8 words.
FN void lines_store(THREADGROUP u32* scratch, DEVICE const u32* piece, DEVICE const u32* eq, TilePlace place,
                    Ext value, DEVICE u32* partials, u32 thread_index, u32 lane, u32 simd) {
  const Ext weighted = place.active ? ext_mul(point_weight(piece, eq, place.first), value) : ext_zero();
  const Ext sum = ext_simd_sum(weighted);
  gpu_barrier_threadgroup();
  if (lane == 0) {
    UNROLL
    for (u32 c = 0; c < 4u; ++c) scratch[4u * simd + c] = sum.c[c].v;
  }
  gpu_barrier_threadgroup();
  if (thread_index < 4u) {
    // A SIMD group has the lines of a tile that is so short, and may be alone.
    const bool alone = gpu_load(piece + 6) <= CONSTRAINT_LOG_LONE_LINES;
    const Fp others = alone ? fp_zero() : fp_word(scratch[4u + thread_index]);
    fp_store(partials + 4u * ((u64)gpu_load(piece + 13) + place.tile) + thread_index,
             fp_add(fp_word(scratch[thread_index]), others));
  }
  gpu_barrier_threadgroup();
}

// A row's elements on the thread's line that its value at X = position, a small number, is made of. No row
// has none.
struct LinePair {
  Ext even, odd;
};
FN LinePair line_pair(u64 row, u32 line, u32 position) {
  LinePair pair;
  pair.even = ext_zero();
  pair.odd = ext_zero();
  if (row != 0) {
    DEVICE const u32* words = gpu_address(row) + 8u * (u64)line;
    if (position != 1u) pair.even = ext_load(words);
    if (position != 0) pair.odd = ext_load(words + 4);
  }
  return pair;
}
FN Ext line_value(LinePair pair, u32 position) {
  if (position == 0) return pair.even;
  Ext value = pair.odd;
  if (position == 1u) return value;
  const Ext step = ext_sub(value, pair.even);
  for (u32 x = 1u; x < position; ++x) value = ext_add(value, step);
  return value;
}

#endif
