#include "generated.h"

KERNEL(constraints_store_points_0, 128, BUF(0, DEVICE const u32* table), BUF(1, DEVICE const u32* pieces),
       BUF(2, DEVICE const u64* addresses), BUF(3, DEVICE const u32* all_weights),
       BUF(4, DEVICE const u32* eq), BUF(5, DEVICE u32* partials),
       ARGS(6, ConstraintSumsPointsArgs, args)) {
  DEVICE const u32* piece = piece_of_tile(pieces, args.pieces, gpu_bid.x);
  const PointsAt at = points_at(piece, gpu_bid.x, gpu_tid.x);
  DEVICE const u32* ranges = table + piece_ranges(piece);
  DEVICE const u64* rows = addresses + piece_rows(piece);
  if (at.place.active) {
  {  // 1 cell
    const U4 range = gpu_load4(ranges + 0u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 8u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const U4 p1 = gpu_load4(own + 4u);
      const CellPoints a0 = cell_leaf(gpu_address(gpu_load(rows + p0.y)), at);
      const CellPoints a1 = cell_leaf(gpu_address(gpu_load(rows + p0.z)), at);
      const CellPoints a2 = cell_mul(a0, a1);
      const Fp a3 = fp_word(536870748u);
      const CellPoints a4 = cell_add_base(a2, a3);
      const CellPoints a5 = cell_leaf(gpu_address(gpu_load(rows + p0.w)), at);
      const CellPoints a6 = cell_add(a5, a4);
      const CellPoints a7 = cell_leaf(gpu_address(gpu_load(rows + p1.x)), at);
      const CellPoints a8 = cell_neg(a7);
      const CellPoints a9 = cell_scale(a8, a3);
      const CellPoints a10 = cell_add(a9, a6);
      const CellPoints a11 = cell_add(a2, a10);
      cell_store(gpu_address_mut(gpu_load(rows + p0.x)), at, a11);
    }
  }
  {  // 1 cell
    const U4 range = gpu_load4(ranges + 4u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 8u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const U4 p1 = gpu_load4(own + 4u);
      const CellPoints a0 = cell_leaf(gpu_address(gpu_load(rows + p0.y)), at);
      const CellPoints a1 = cell_leaf(gpu_address(gpu_load(rows + p0.z)), at);
      const CellPoints a2 = cell_mul(a0, a1);
      const Fp a3 = fp_word(536870748u);
      const CellPoints a4 = cell_add_base(a2, a3);
      const CellPoints a5 = cell_leaf(gpu_address(gpu_load(rows + p0.w)), at);
      const CellPoints a6 = cell_add(a5, a4);
      const CellPoints a7 = cell_leaf(gpu_address(gpu_load(rows + p1.x)), at);
      const CellPoints a8 = cell_neg(a7);
      const CellPoints a9 = cell_scale(a8, a3);
      const CellPoints a10 = cell_add(a9, a6);
      const CellPoints a11 = cell_leaf(gpu_address(gpu_load(rows + p1.y)), at);
      const Fp a12 = fp_word(0u);
      const CellPoints a13 = cell_add_base(a11, a12);
      const CellPoints a14 = cell_mul(a13, a13);
      const Fp a15 = fp_word(p1.z);
      const CellPoints a16 = cell_add_base(a11, a15);
      const CellPoints a17 = cell_sub(a14, a16);
      const CellPoints a18 = cell_stored(gpu_address(gpu_load(rows + p1.w)), at);
      const Fp a19 = fp_word(268435454u);
      const CellPoints a20 = cell_base_sub(a19, a18);
      const CellPoints a21 = cell_add(a20, a20);
      const CellPoints a22 = cell_add(a21, a17);
      const CellPoints a23 = cell_sub(a10, a22);
      const CellPoints a24 = cell_add(a22, a23);
      cell_store(gpu_address_mut(gpu_load(rows + p0.x)), at, a24);
    }
  }
  {  // 1 cell
    const U4 range = gpu_load4(ranges + 8u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 4u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const CellPoints a0 = cell_leaf(gpu_address(gpu_load(rows + p0.y)), at);
      const Fp a1 = fp_word(0u);
      const CellPoints a2 = cell_add_base(a0, a1);
      const CellPoints a3 = cell_mul(a2, a2);
      const CellPoints a4 = cell_add(a2, a3);
      const CellPoints a5 = cell_neg(a4);
      const CellPoints a6 = cell_stored(gpu_address(gpu_load(rows + p0.z)), at);
      const CellPoints a7 = cell_sub(a5, a6);
      cell_store(gpu_address_mut(gpu_load(rows + p0.x)), at, a7);
    }
  }
  }
}
KERNEL(constraints_points_0, 128, BUF(0, DEVICE const u32* table), BUF(1, DEVICE const u32* pieces),
       BUF(2, DEVICE const u64* addresses), BUF(3, DEVICE const u32* all_weights),
       BUF(4, DEVICE const u32* eq), BUF(5, DEVICE u32* partials),
       ARGS(6, ConstraintSumsPointsArgs, args)) {
  SHARED(u32, scratch, 1024);
  DEVICE const u32* piece = piece_of_tile(pieces, args.pieces, gpu_bid.x);
  const PointsAt at = points_at(piece, gpu_bid.x, gpu_tid.x);
  DEVICE const u32* ranges = table + piece_ranges(piece);
  DEVICE const u64* rows = addresses + piece_rows(piece);
  DEVICE const u32* weights = all_weights + 4u * piece_weights(piece);
  PointSums2 sums = cell_points_zero();
  if (at.place.active) {
  {  // 8 cells
    const U4 range = gpu_load4(ranges + 0u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 4u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const CellPoints a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const CellPoints b0 = cell_leaf(gpu_address(gpu_load(rows + p0.y)), at);
      DEVICE const u32* weight = weights + 4u * range.w + 8u * row;
      sums = cell_sum_pair(sums, weight + 0u, a0, b0);
    }
  }
  {  // 1 cell
    const U4 range = gpu_load4(ranges + 4u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 4u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const CellPoints a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const CellPoints a1 = cell_leaf(gpu_address(gpu_load(rows + p0.y)), at);
      const CellPoints a2 = cell_mul(a0, a1);
      DEVICE const u32* weight = weights + 4u * range.w + 4u * row;
      sums = cell_sum(sums, weight, a2);
    }
  }
  {  // 1 cell
    const U4 range = gpu_load4(ranges + 8u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 4u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const CellPoints a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const CellPoints a1 = cell_leaf(gpu_address(gpu_load(rows + p0.y)), at);
      const CellPoints a2 = cell_mul(a0, a1);
      const Fp a3 = fp_word(536870748u);
      const CellPoints a4 = cell_add_base(a2, a3);
      const CellPoints a5 = cell_leaf(gpu_address(gpu_load(rows + p0.z)), at);
      const CellPoints a6 = cell_add(a5, a4);
      const CellPoints a7 = cell_add(a4, a6);
      DEVICE const u32* weight = weights + 4u * range.w + 4u * row;
      sums = cell_sum(sums, weight, a7);
    }
  }
  {  // 1 cell
    const U4 range = gpu_load4(ranges + 12u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 4u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const CellPoints a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const CellPoints a1 = cell_leaf(gpu_address(gpu_load(rows + p0.y)), at);
      const CellPoints a2 = cell_mul(a0, a1);
      const CellPoints a3 = cell_leaf(gpu_address(gpu_load(rows + p0.z)), at);
      const CellPoints a4 = cell_sub(a2, a3);
      const CellPoints a5 = cell_leaf(gpu_address(gpu_load(rows + p0.w)), at);
      const CellPoints a6 = cell_mul(a5, a4);
      DEVICE const u32* weight = weights + 4u * range.w + 4u * row;
      sums = cell_sum(sums, weight, a6);
    }
  }
  {  // 3 cells
    const U4 range = gpu_load4(ranges + 16u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 4u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const CellPoints a0 = cell_stored(gpu_address(gpu_load(rows + p0.x)), at);
      DEVICE const u32* weight = weights + 4u * range.w + 4u * row;
      sums = cell_sum(sums, weight, a0);
    }
  }
  {  // 1 cell
    const U4 range = gpu_load4(ranges + 20u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 4u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const CellPoints a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const Fp a1 = fp_word(1744830467u);
      const CellPoints a2 = cell_sub_base(a0, a1);
      const CellPoints a3 = cell_neg(a2);
      const Fp a4 = fp_word(536870748u);
      const CellPoints a5 = cell_scale(a3, a4);
      const CellPoints a6 = cell_mul(a5, a3);
      DEVICE const u32* weight = weights + 4u * range.w + 4u * row;
      sums = cell_sum(sums, weight, a6);
    }
  }
  {  // 1 cell
    const U4 range = gpu_load4(ranges + 24u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 4u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const CellPoints a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const Fp a1 = fp_word(1744830467u);
      const CellPoints a2 = cell_sub_base(a0, a1);
      const CellPoints a3 = cell_neg(a2);
      const CellPoints a4 = cell_add(a3, a3);
      const CellPoints a5 = cell_sub(a4, a3);
      const Fp a6 = fp_word(536870748u);
      const CellPoints a7 = cell_scale(a3, a6);
      const CellPoints a8 = cell_mul(a7, a5);
      DEVICE const u32* weight = weights + 4u * range.w + 4u * row;
      sums = cell_sum(sums, weight, a8);
    }
  }
  {  // 1 cell
    const U4 range = gpu_load4(ranges + 28u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 4u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const CellPoints a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const Fp a1 = fp_word(0u);
      const CellPoints a2 = cell_add_base(a0, a1);
      const CellPoints a3 = cell_mul(a2, a2);
      DEVICE const u32* weight = weights + 4u * range.w + 4u * row;
      sums = cell_sum(sums, weight, a3);
    }
  }
  {  // 1 cell
    const U4 range = gpu_load4(ranges + 32u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 4u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const CellPoints a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const Fp a1 = fp_word(0u);
      const CellPoints a2 = cell_add_base(a0, a1);
      const CellPoints a3 = cell_mul(a2, a2);
      const Fp a4 = fp_word(p0.y);
      const CellPoints a5 = cell_add_base(a0, a4);
      const CellPoints a6 = cell_sub(a3, a5);
      DEVICE const u32* weight = weights + 4u * range.w + 4u * row;
      sums = cell_sum(sums, weight, a6);
    }
  }
  {  // 1 cell
    const U4 range = gpu_load4(ranges + 36u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 4u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const CellPoints a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const Fp a1 = fp_word(0u);
      const CellPoints a2 = cell_add_base(a0, a1);
      const CellPoints a3 = cell_mul(a2, a2);
      const CellPoints a4 = cell_add(a2, a3);
      DEVICE const u32* weight = weights + 4u * range.w + 4u * row;
      sums = cell_sum(sums, weight, a4);
    }
  }
  {  // 1 cell
    const U4 range = gpu_load4(ranges + 40u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 4u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const CellPoints a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const CellPoints a1 = cell_leaf(gpu_address(gpu_load(rows + p0.y)), at);
      const Fp a2 = fp_word(1744830467u);
      const CellPoints a3 = cell_sub_base(a1, a2);
      const CellPoints a4 = cell_mul(a0, a3);
      DEVICE const u32* weight = weights + 4u * range.w + 4u * row;
      sums = cell_sum(sums, weight, a4);
    }
  }
  {  // 1 cell
    const U4 range = gpu_load4(ranges + 44u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 4u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const CellPoints a0 = cell_stored(gpu_address(gpu_load(rows + p0.x)), at);
      const CellPoints a1 = cell_stored(gpu_address(gpu_load(rows + p0.y)), at);
      const Fp a2 = fp_word(268435454u);
      const CellPoints a3 = cell_base_sub(a2, a1);
      const Fp a4 = fp_word(1744830467u);
      const CellPoints a5 = cell_sub_base(a3, a4);
      const CellPoints a6 = cell_neg(a5);
      const CellPoints a7 = cell_neg(a6);
      const CellPoints a8 = cell_add(a0, a7);
      const CellPoints a9 = cell_add(a8, a0);
      const CellPoints a10 = cell_add(a8, a9);
      const CellPoints a11 = cell_leaf(gpu_address(gpu_load(rows + p0.z)), at);
      const CellPoints a12 = cell_neg(a11);
      const CellPoints a13 = cell_neg(a12);
      const CellPoints a14 = cell_neg(a13);
      const CellPoints a15 = cell_neg(a14);
      const CellPoints a16 = cell_mul(a15, a10);
      DEVICE const u32* weight = weights + 4u * range.w + 4u * row;
      sums = cell_sum(sums, weight, a16);
    }
  }
  {  // 1 cell
    const U4 range = gpu_load4(ranges + 48u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 4u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const CellPoints a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const Fp a1 = fp_word(1744830467u);
      const CellPoints a2 = cell_sub_base(a0, a1);
      const CellPoints a3 = cell_neg(a2);
      const Fp a4 = fp_word(536870748u);
      const CellPoints a5 = cell_scale(a3, a4);
      const CellPoints a6 = cell_mul(a5, a3);
      const CellPoints a7 = cell_add(a6, a6);
      const CellPoints a8 = cell_leaf(gpu_address(gpu_load(rows + p0.y)), at);
      const Fp a9 = fp_word(0u);
      const CellPoints a10 = cell_add_base(a8, a9);
      const CellPoints a11 = cell_mul(a10, a10);
      const CellPoints a12 = cell_add(a7, a11);
      const Fp a13 = fp_word(p0.z);
      const CellPoints a14 = cell_add_base(a8, a13);
      const CellPoints a15 = cell_sub(a12, a14);
      DEVICE const u32* weight = weights + 4u * range.w + 4u * row;
      sums = cell_sum(sums, weight, a15);
    }
  }
  }
  cell_points_store(scratch, piece, eq, at, sums, partials, gpu_tid.x);
}
KERNEL(constraints_store_lines_0, 64, BUF(0, DEVICE const u32* table), BUF(1, DEVICE const u32* pieces),
       BUF(2, DEVICE const u64* addresses), BUF(3, DEVICE const u32* all_weights),
       BUF(4, DEVICE const u32* eq), BUF(5, DEVICE u32* partials),
       ARGS(6, ConstraintSumsLinesArgs, args)) {
  DEVICE const u32* piece = piece_of_tile(pieces, args.pieces, gpu_bid.x);
  const LineAt at = line_at(piece, gpu_bid.x, gpu_tid.x);
  DEVICE const u32* ranges = table + piece_ranges(piece);
  DEVICE const u64* rows = addresses + piece_rows(piece);
  if (at.place.active) {
  {  // 1 cell
    const U4 range = gpu_load4(ranges + 0u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 8u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const U4 p1 = gpu_load4(own + 4u);
      const Ext a0 = cell_leaf(gpu_address(gpu_load(rows + p0.y)), at);
      const Ext a1 = cell_leaf(gpu_address(gpu_load(rows + p0.z)), at);
      const Ext a2 = cell_mul(a0, a1);
      const Fp a3 = fp_word(536870748u);
      const Ext a4 = cell_add_base(a2, a3);
      const Ext a5 = cell_leaf(gpu_address(gpu_load(rows + p0.w)), at);
      const Ext a6 = cell_add(a5, a4);
      const Ext a7 = cell_leaf(gpu_address(gpu_load(rows + p1.x)), at);
      const Ext a8 = cell_neg(a7);
      const Ext a9 = cell_scale(a8, a3);
      const Ext a10 = cell_add(a9, a6);
      const Ext a11 = cell_add(a2, a10);
      cell_store(gpu_address_mut(gpu_load(rows + p0.x)), at, a11);
    }
  }
  {  // 1 cell
    const U4 range = gpu_load4(ranges + 4u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 8u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const U4 p1 = gpu_load4(own + 4u);
      const Ext a0 = cell_leaf(gpu_address(gpu_load(rows + p0.y)), at);
      const Ext a1 = cell_leaf(gpu_address(gpu_load(rows + p0.z)), at);
      const Ext a2 = cell_mul(a0, a1);
      const Fp a3 = fp_word(536870748u);
      const Ext a4 = cell_add_base(a2, a3);
      const Ext a5 = cell_leaf(gpu_address(gpu_load(rows + p0.w)), at);
      const Ext a6 = cell_add(a5, a4);
      const Ext a7 = cell_leaf(gpu_address(gpu_load(rows + p1.x)), at);
      const Ext a8 = cell_neg(a7);
      const Ext a9 = cell_scale(a8, a3);
      const Ext a10 = cell_add(a9, a6);
      const Ext a11 = cell_leaf(gpu_address(gpu_load(rows + p1.y)), at);
      const Fp a12 = fp_word(0u);
      const Ext a13 = cell_add_base(a11, a12);
      const Ext a14 = cell_mul(a13, a13);
      const Fp a15 = fp_word(p1.z);
      const Ext a16 = cell_add_base(a11, a15);
      const Ext a17 = cell_sub(a14, a16);
      const Ext a18 = cell_stored(gpu_address(gpu_load(rows + p1.w)), at);
      const Fp a19 = fp_word(268435454u);
      const Ext a20 = cell_base_sub(a19, a18);
      const Ext a21 = cell_add(a20, a20);
      const Ext a22 = cell_add(a21, a17);
      const Ext a23 = cell_sub(a10, a22);
      const Ext a24 = cell_add(a22, a23);
      cell_store(gpu_address_mut(gpu_load(rows + p0.x)), at, a24);
    }
  }
  {  // 1 cell
    const U4 range = gpu_load4(ranges + 8u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 4u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const Ext a0 = cell_leaf(gpu_address(gpu_load(rows + p0.y)), at);
      const Fp a1 = fp_word(0u);
      const Ext a2 = cell_add_base(a0, a1);
      const Ext a3 = cell_mul(a2, a2);
      const Ext a4 = cell_add(a2, a3);
      const Ext a5 = cell_neg(a4);
      const Ext a6 = cell_stored(gpu_address(gpu_load(rows + p0.z)), at);
      const Ext a7 = cell_sub(a5, a6);
      cell_store(gpu_address_mut(gpu_load(rows + p0.x)), at, a7);
    }
  }
  }
}
KERNEL(constraints_lines_0, 64, BUF(0, DEVICE const u32* table), BUF(1, DEVICE const u32* pieces),
       BUF(2, DEVICE const u64* addresses), BUF(3, DEVICE const u32* all_weights),
       BUF(4, DEVICE const u32* eq), BUF(5, DEVICE u32* partials),
       ARGS(6, ConstraintSumsLinesArgs, args)) {
  SHARED(u32, scratch, 8);
  DEVICE const u32* piece = piece_of_tile(pieces, args.pieces, gpu_bid.x);
  const LineAt at = line_at(piece, gpu_bid.x, gpu_tid.x);
  DEVICE const u32* ranges = table + piece_ranges(piece);
  DEVICE const u64* rows = addresses + piece_rows(piece);
  DEVICE const u32* weights = all_weights + 4u * piece_weights(piece);
  ExtSum sums = ext_sum_zero();
  if (at.place.active) {
  {  // 8 cells
    const U4 range = gpu_load4(ranges + 0u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 4u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const Ext a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      DEVICE const u32* weight = weights + 8u * range.w + 8u * row;
      sums = cell_sum(sums, weight, a0);
    }
  }
  {  // 1 cell
    const U4 range = gpu_load4(ranges + 4u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 4u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const Ext a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const Ext a1 = cell_leaf(gpu_address(gpu_load(rows + p0.y)), at);
      const Ext a2 = cell_mul(a0, a1);
      DEVICE const u32* weight = weights + 8u * range.w + 8u * row;
      sums = cell_sum(sums, weight, a2);
    }
  }
  {  // 1 cell
    const U4 range = gpu_load4(ranges + 8u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 4u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const Ext a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const Ext a1 = cell_leaf(gpu_address(gpu_load(rows + p0.y)), at);
      const Ext a2 = cell_mul(a0, a1);
      const Fp a3 = fp_word(536870748u);
      const Ext a4 = cell_add_base(a2, a3);
      const Ext a5 = cell_leaf(gpu_address(gpu_load(rows + p0.z)), at);
      const Ext a6 = cell_add(a5, a4);
      const Ext a7 = cell_add(a4, a6);
      DEVICE const u32* weight = weights + 8u * range.w + 8u * row;
      sums = cell_sum(sums, weight, a7);
    }
  }
  {  // 1 cell
    const U4 range = gpu_load4(ranges + 12u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 4u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const Ext a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const Ext a1 = cell_leaf(gpu_address(gpu_load(rows + p0.y)), at);
      const Ext a2 = cell_mul(a0, a1);
      const Ext a3 = cell_leaf(gpu_address(gpu_load(rows + p0.z)), at);
      const Ext a4 = cell_sub(a2, a3);
      const Ext a5 = cell_leaf(gpu_address(gpu_load(rows + p0.w)), at);
      const Ext a6 = cell_mul(a5, a4);
      DEVICE const u32* weight = weights + 8u * range.w + 8u * row;
      sums = cell_sum(sums, weight, a6);
    }
  }
  {  // 3 cells
    const U4 range = gpu_load4(ranges + 16u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 4u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const Ext a0 = cell_stored(gpu_address(gpu_load(rows + p0.x)), at);
      DEVICE const u32* weight = weights + 8u * range.w + 8u * row;
      sums = cell_sum(sums, weight, a0);
    }
  }
  {  // 1 cell
    const U4 range = gpu_load4(ranges + 20u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 4u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const Ext a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const Fp a1 = fp_word(1744830467u);
      const Ext a2 = cell_sub_base(a0, a1);
      const Ext a3 = cell_neg(a2);
      const Fp a4 = fp_word(536870748u);
      const Ext a5 = cell_scale(a3, a4);
      const Ext a6 = cell_mul(a5, a3);
      DEVICE const u32* weight = weights + 8u * range.w + 8u * row;
      sums = cell_sum(sums, weight, a6);
    }
  }
  {  // 1 cell
    const U4 range = gpu_load4(ranges + 24u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 4u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const Ext a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const Fp a1 = fp_word(1744830467u);
      const Ext a2 = cell_sub_base(a0, a1);
      const Ext a3 = cell_neg(a2);
      const Ext a4 = cell_add(a3, a3);
      const Ext a5 = cell_sub(a4, a3);
      const Fp a6 = fp_word(536870748u);
      const Ext a7 = cell_scale(a3, a6);
      const Ext a8 = cell_mul(a7, a5);
      DEVICE const u32* weight = weights + 8u * range.w + 8u * row;
      sums = cell_sum(sums, weight, a8);
    }
  }
  {  // 1 cell
    const U4 range = gpu_load4(ranges + 28u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 4u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const Ext a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const Fp a1 = fp_word(0u);
      const Ext a2 = cell_add_base(a0, a1);
      const Ext a3 = cell_mul(a2, a2);
      DEVICE const u32* weight = weights + 8u * range.w + 8u * row;
      sums = cell_sum(sums, weight, a3);
    }
  }
  {  // 1 cell
    const U4 range = gpu_load4(ranges + 32u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 4u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const Ext a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const Fp a1 = fp_word(0u);
      const Ext a2 = cell_add_base(a0, a1);
      const Ext a3 = cell_mul(a2, a2);
      const Fp a4 = fp_word(p0.y);
      const Ext a5 = cell_add_base(a0, a4);
      const Ext a6 = cell_sub(a3, a5);
      DEVICE const u32* weight = weights + 8u * range.w + 8u * row;
      sums = cell_sum(sums, weight, a6);
    }
  }
  {  // 1 cell
    const U4 range = gpu_load4(ranges + 36u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 4u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const Ext a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const Fp a1 = fp_word(0u);
      const Ext a2 = cell_add_base(a0, a1);
      const Ext a3 = cell_mul(a2, a2);
      const Ext a4 = cell_add(a2, a3);
      DEVICE const u32* weight = weights + 8u * range.w + 8u * row;
      sums = cell_sum(sums, weight, a4);
    }
  }
  {  // 1 cell
    const U4 range = gpu_load4(ranges + 40u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 4u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const Ext a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const Ext a1 = cell_leaf(gpu_address(gpu_load(rows + p0.y)), at);
      const Fp a2 = fp_word(1744830467u);
      const Ext a3 = cell_sub_base(a1, a2);
      const Ext a4 = cell_mul(a0, a3);
      DEVICE const u32* weight = weights + 8u * range.w + 8u * row;
      sums = cell_sum(sums, weight, a4);
    }
  }
  {  // 1 cell
    const U4 range = gpu_load4(ranges + 44u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 4u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const Ext a0 = cell_stored(gpu_address(gpu_load(rows + p0.x)), at);
      const Ext a1 = cell_stored(gpu_address(gpu_load(rows + p0.y)), at);
      const Fp a2 = fp_word(268435454u);
      const Ext a3 = cell_base_sub(a2, a1);
      const Fp a4 = fp_word(1744830467u);
      const Ext a5 = cell_sub_base(a3, a4);
      const Ext a6 = cell_neg(a5);
      const Ext a7 = cell_neg(a6);
      const Ext a8 = cell_add(a0, a7);
      const Ext a9 = cell_add(a8, a0);
      const Ext a10 = cell_add(a8, a9);
      const Ext a11 = cell_leaf(gpu_address(gpu_load(rows + p0.z)), at);
      const Ext a12 = cell_neg(a11);
      const Ext a13 = cell_neg(a12);
      const Ext a14 = cell_neg(a13);
      const Ext a15 = cell_neg(a14);
      const Ext a16 = cell_mul(a15, a10);
      DEVICE const u32* weight = weights + 8u * range.w + 8u * row;
      sums = cell_sum(sums, weight, a16);
    }
  }
  }
  lines_store(scratch, piece, eq, at.place, ext_sum_value(sums), partials, gpu_tid.x, gpu_lane,
              gpu_simd);
}
KERNEL(constraints_lines_1, 64, BUF(0, DEVICE const u32* table), BUF(1, DEVICE const u32* pieces),
       BUF(2, DEVICE const u64* addresses), BUF(3, DEVICE const u32* all_weights),
       BUF(4, DEVICE const u32* eq), BUF(5, DEVICE u32* partials),
       ARGS(6, ConstraintSumsLinesArgs, args)) {
  SHARED(u32, scratch, 8);
  DEVICE const u32* piece = piece_of_tile(pieces, args.pieces, gpu_bid.x);
  const LineAt at = line_at(piece, gpu_bid.x, gpu_tid.x);
  DEVICE const u32* ranges = table + piece_ranges(piece);
  DEVICE const u64* rows = addresses + piece_rows(piece);
  DEVICE const u32* weights = all_weights + 4u * piece_weights(piece);
  ExtSum sums = ext_sum_zero();
  if (at.place.active) {
  {  // 1 cell
    const U4 range = gpu_load4(ranges + 0u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 4u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const Ext a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const Fp a1 = fp_word(1744830467u);
      const Ext a2 = cell_sub_base(a0, a1);
      const Ext a3 = cell_neg(a2);
      const Fp a4 = fp_word(536870748u);
      const Ext a5 = cell_scale(a3, a4);
      const Ext a6 = cell_mul(a5, a3);
      const Ext a7 = cell_add(a6, a6);
      const Ext a8 = cell_leaf(gpu_address(gpu_load(rows + p0.y)), at);
      const Fp a9 = fp_word(0u);
      const Ext a10 = cell_add_base(a8, a9);
      const Ext a11 = cell_mul(a10, a10);
      const Ext a12 = cell_add(a7, a11);
      const Fp a13 = fp_word(p0.z);
      const Ext a14 = cell_add_base(a8, a13);
      const Ext a15 = cell_sub(a12, a14);
      DEVICE const u32* weight = weights + 8u * range.w + 8u * row;
      sums = cell_sum(sums, weight, a15);
    }
  }
  }
  lines_store(scratch, piece, eq, at.place, ext_sum_value(sums), partials, gpu_tid.x, gpu_lane,
              gpu_simd);
}
