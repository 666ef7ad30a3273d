// What every text that is written at run time begins with: the operations of cells (backends/gpu/codegen),
// over points and over lines, under the same names.
#ifndef OPENSWIRL_GENERATED_H
#define OPENSWIRL_GENERATED_H

#include "constraint_sums.h"
#include "descriptors.h"

#define PIECE_WORDS 16u /* of ConstraintsPiece */

FN DEVICE const u32* piece_of_tile(DEVICE const u32* pieces, u32 count, u32 tile) {
  return pieces + PIECE_WORDS * descriptor_of(pieces, PIECE_WORDS, count, tile);
}
FN u32 piece_ranges(DEVICE const u32* piece) { return gpu_load(piece + 1); }
FN u32 piece_rows(DEVICE const u32* piece) { return gpu_load(piece + 3); }
FN u32 piece_weights(DEVICE const u32* piece) { return gpu_load(piece + 4); }

// Two of a tile's points to each of 128 threads, half a tile apart: with four, sums and operands would not
// fit 64 registers.
#define CELL_HALF_TILE 128u

struct PointsAt {
  TilePlace place;
  u32 offset, second;  // of the thread's points in a row; the second is the first where there is none
  bool both;
};
FN PointsAt points_at(DEVICE const u32* piece, u32 tile, u32 thread_index) {
  PointsAt at;
  at.place = tile_place(piece, tile, CONSTRAINT_LOG_POINTS, thread_index);
  at.offset = points_offset(piece, at.place);
  at.both = at.place.active && ((at.place.first + CELL_HALF_TILE) >> gpu_load(piece + 6)) == 0;
  at.second = at.both ? at.offset + CELL_HALF_TILE : at.offset;
  return at;
}

struct CellPoints {
  Fp v[2];
};
FN CellPoints cell_points(Fp a, Fp b) {
  CellPoints result;
  result.v[0] = a;
  result.v[1] = b;
  return result;
}
FN CellPoints cell_leaf(DEVICE const u32* row, PointsAt at) {
  return cell_points(fp_load(row + at.offset), fp_load(row + at.second));
}
FN CellPoints cell_stored(DEVICE const u32* row, PointsAt at) { return cell_leaf(row, at); }
FN void cell_store(DEVICE u32* row, PointsAt at, CellPoints a) {
  fp_store(row + at.offset, a.v[0]);
  if (at.both) fp_store(row + at.second, a.v[1]);
}

FN CellPoints cell_add(CellPoints a, CellPoints b) {
  return cell_points(fp_add(a.v[0], b.v[0]), fp_add(a.v[1], b.v[1]));
}
FN CellPoints cell_sub(CellPoints a, CellPoints b) {
  return cell_points(fp_sub(a.v[0], b.v[0]), fp_sub(a.v[1], b.v[1]));
}
FN CellPoints cell_mul(CellPoints a, CellPoints b) {
  return cell_points(fp_mul(a.v[0], b.v[0]), fp_mul(a.v[1], b.v[1]));
}
FN CellPoints cell_neg(CellPoints a) { return cell_sub(cell_points(fp_zero(), fp_zero()), a); }
FN CellPoints cell_add_base(CellPoints a, Fp b) { return cell_add(a, cell_points(b, b)); }
FN CellPoints cell_sub_base(CellPoints a, Fp b) { return cell_sub(a, cell_points(b, b)); }
FN CellPoints cell_base_sub(Fp a, CellPoints b) { return cell_sub(cell_points(a, a), b); }
FN CellPoints cell_scale(CellPoints a, Fp b) { return cell_mul(a, cell_points(b, b)); }

// Sums of the thread's points.
struct PointSums2 {
  ExtSum v[2];
};
FN PointSums2 cell_points_zero() {
  PointSums2 result;
  result.v[0] = ext_sum_zero();
  result.v[1] = ext_sum_zero();
  return result;
}
// sums + w a. `weight` points to w.
FN PointSums2 cell_sum(PointSums2 sums, DEVICE const u32* weight, CellPoints a) {
  const Ext w = ext_load(weight);
  sums.v[0] = ext_sum_one(sums.v[0], w, a.v[0]);
  sums.v[1] = ext_sum_one(sums.v[1], w, a.v[1]);
  return sums;
}
// sums + w_a a + w_b b. `weight` points to w_a and, behind it, w_b.
FN PointSums2 cell_sum_pair(PointSums2 sums, DEVICE const u32* weight, CellPoints a, CellPoints b) {
  const Ext w_a = ext_load(weight), w_b = ext_load(weight + 4);
  sums.v[0] = ext_sum_pair(sums.v[0], w_a, a.v[0], w_b, b.v[0]);
  sums.v[1] = ext_sum_pair(sums.v[1], w_a, a.v[1], w_b, b.v[1]);
  return sums;
}

// points_store for this division of a tile.
FN void cell_points_store(THREADGROUP u32* scratch, DEVICE const u32* piece, DEVICE const u32* eq,
                          PointsAt at, PointSums2 sums, DEVICE u32* partials, u32 thread_index) {
  const u32 log_block = gpu_load(piece + 7), first_block = gpu_load(piece + 8);
  UNROLL
  for (u32 k = 0; k < 2u; ++k) {
    const u32 point = at.place.first + CELL_HALF_TILE * k;
    Ext value = ext_zero();
    if (k == 0 ? at.place.active : at.both) {
      value = ext_mul(point_weight(piece, eq, first_block + (point >> log_block)), ext_sum_value(sums.v[k]));
    }
    UNROLL
    for (u32 c = 0; c < 4u; ++c) scratch[4u * (thread_index + CELL_HALF_TILE * k) + c] = value.c[c].v;
  }
  gpu_barrier_threadgroup();
  points_tile_sums(scratch, piece, log_block, at.place, partials, thread_index, CELL_HALF_TILE);
}

struct LineAt {
  TilePlace place;
  u32 position;  // X
  u32 offset;    // of the line in a stored row
};
FN LineAt line_at(DEVICE const u32* piece, u32 tile, u32 thread_index) {
  LineAt at;
  at.place = lines_place(piece, tile, thread_index);
  at.position = gpu_load(piece + 9) + at.place.coset;
  at.offset = 4u * ((at.place.coset << gpu_load(piece + 6)) + at.place.first);
  return at;
}
// X is small: additions are shorter than a multiplication.
FN Ext cell_leaf(DEVICE const u32* row, LineAt at) {
  DEVICE const u32* pair = row + 8u * (u64)at.place.first;
  if (at.position == 0) return ext_load(pair);
  Ext value = ext_load(pair + 4);
  if (at.position > 1u) {
    const Ext step = ext_sub(value, ext_load(pair));
    ROLLED
    for (u32 x = 1u; x < at.position; ++x) value = ext_add(value, step);
  }
  return value;
}
FN Ext cell_stored(DEVICE const u32* row, LineAt at) { return ext_load(row + at.offset); }
FN void cell_store(DEVICE u32* row, LineAt at, Ext a) { ext_store(row + at.offset, a); }

FN Ext cell_add(Ext a, Ext b) { return ext_add(a, b); }
FN Ext cell_sub(Ext a, Ext b) { return ext_sub(a, b); }
FN Ext cell_mul(Ext a, Ext b) { return ext_mul(a, b); }
FN Ext cell_neg(Ext a) { return ext_sub(ext_zero(), a); }
FN Ext cell_add_base(Ext a, Fp b) { return ext_add_fp(a, b); }
FN Ext cell_sub_base(Ext a, Fp b) { return ext(fp_sub(a.c[0], b), a.c[1], a.c[2], a.c[3]); }
FN Ext cell_base_sub(Fp a, Ext b) { return ext_sub(ext_from_fp(a), b); }
FN Ext cell_scale(Ext a, Fp b) { return ext_scale(a, b); }

FN u64 fp_sum_fold4(u64 sum, Fp a0, Fp b0, Fp a1, Fp b1, Fp a2, Fp b2, Fp a3, Fp b3) {
  const u64 half = fp_sum_fold(sum + fp_product(a0, b0) + fp_product(a1, b1));
  return fp_sum_fold(half + fp_product(a2, b2) + fp_product(a3, b3));
}
// sums + w a. `weight` points to w and, behind it, 11 w_1, 11 w_2, 11 w_3.
FN ExtSum cell_sum(ExtSum sums, DEVICE const u32* weight, Ext a) {
  const Ext w = ext_load(weight), e = ext_load(weight + 4);
  ExtSum result;
  result.c[0] = fp_sum_fold4(sums.c[0], a.c[0], w.c[0], a.c[1], e.c[2], a.c[2], e.c[1], a.c[3], e.c[0]);
  result.c[1] = fp_sum_fold4(sums.c[1], a.c[0], w.c[1], a.c[1], w.c[0], a.c[2], e.c[2], a.c[3], e.c[1]);
  result.c[2] = fp_sum_fold4(sums.c[2], a.c[0], w.c[2], a.c[1], w.c[1], a.c[2], w.c[0], a.c[3], e.c[2]);
  result.c[3] = fp_sum_fold4(sums.c[3], a.c[0], w.c[3], a.c[1], w.c[2], a.c[2], w.c[1], a.c[3], w.c[0]);
  return result;
}

#endif
