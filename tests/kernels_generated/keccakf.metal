#include "generated.h"

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
  {  // 612 cells
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
      const Fp a2 = fp_word(268435454u);
      const CellPoints a3 = cell_sub_base(a1, a2);
      const CellPoints a4 = cell_mul(a0, a3);
      DEVICE const u32* weight = weights + 4u * range.w + 4u * row;
      sums = cell_sum(sums, weight, a4);
    }
  }
  {  // 23 cells
    const U4 range = gpu_load4(ranges + 8u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 4u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const CellPoints a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const CellPoints a1 = cell_leaf(gpu_address(gpu_load(rows + p0.y)), at);
      const CellPoints a2 = cell_mul(a0, a1);
      const CellPoints b0 = cell_leaf(gpu_address(gpu_load(rows + p0.z)), at);
      const CellPoints b1 = cell_leaf(gpu_address(gpu_load(rows + p0.w)), at);
      const CellPoints b2 = cell_mul(b0, b1);
      DEVICE const u32* weight = weights + 4u * range.w + 8u * row;
      sums = cell_sum_pair(sums, weight + 0u, a2, b2);
    }
  }
  {  // 124 cells
    const U4 range = gpu_load4(ranges + 12u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 8u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const U4 p1 = gpu_load4(own + 4u);
      const CellPoints a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const CellPoints a1 = cell_leaf(gpu_address(gpu_load(rows + p0.y)), at);
      const CellPoints a2 = cell_sub(a0, a1);
      const CellPoints a3 = cell_leaf(gpu_address(gpu_load(rows + p0.z)), at);
      const CellPoints a4 = cell_mul(a3, a2);
      const CellPoints b0 = cell_leaf(gpu_address(gpu_load(rows + p0.w)), at);
      const CellPoints b1 = cell_leaf(gpu_address(gpu_load(rows + p1.x)), at);
      const CellPoints b2 = cell_sub(b0, b1);
      const CellPoints b3 = cell_leaf(gpu_address(gpu_load(rows + p1.y)), at);
      const CellPoints b4 = cell_mul(b3, b2);
      DEVICE const u32* weight = weights + 4u * range.w + 8u * row;
      sums = cell_sum_pair(sums, weight + 0u, a4, b4);
    }
  }
  {  // 100 cells
    const U4 range = gpu_load4(ranges + 16u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 4u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const CellPoints a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const CellPoints a1 = cell_leaf(gpu_address(gpu_load(rows + p0.y)), at);
      const CellPoints a2 = cell_sub(a0, a1);
      const CellPoints a3 = cell_leaf(gpu_address(gpu_load(rows + p0.z)), at);
      const CellPoints a4 = cell_mul(a3, a2);
      const CellPoints a5 = cell_leaf(gpu_address(gpu_load(rows + p0.w)), at);
      const Fp a6 = fp_word(268435454u);
      const CellPoints a7 = cell_base_sub(a6, a5);
      const CellPoints a8 = cell_mul(a7, a4);
      DEVICE const u32* weight = weights + 4u * range.w + 4u * row;
      sums = cell_sum(sums, weight, a8);
    }
  }
  {  // 1985 cells
    const U4 range = gpu_load4(ranges + 20u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 4u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const CellPoints a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const Fp a1 = fp_word(268435454u);
      const CellPoints a2 = cell_sub_base(a0, a1);
      const CellPoints a3 = cell_mul(a0, a2);
      const CellPoints b0 = cell_leaf(gpu_address(gpu_load(rows + p0.y)), at);
      const Fp b1 = fp_word(268435454u);
      const CellPoints b2 = cell_sub_base(b0, b1);
      const CellPoints b3 = cell_mul(b0, b2);
      DEVICE const u32* weight = weights + 4u * range.w + 8u * row;
      sums = cell_sum_pair(sums, weight + 0u, a3, b3);
    }
  }
  {  // 1 cell
    const U4 range = gpu_load4(ranges + 24u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 4u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const CellPoints a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const CellPoints a1 = cell_leaf(gpu_address(gpu_load(rows + p0.y)), at);
      const Fp a2 = fp_word(268435454u);
      const CellPoints a3 = cell_base_sub(a2, a1);
      const CellPoints a4 = cell_mul(a0, a3);
      DEVICE const u32* weight = weights + 4u * range.w + 4u * row;
      sums = cell_sum(sums, weight, a4);
    }
  }
  {  // 1920 cells
    const U4 range = gpu_load4(ranges + 28u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 4u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const CellPoints a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const CellPoints a1 = cell_leaf(gpu_address(gpu_load(rows + p0.y)), at);
      const CellPoints a2 = cell_add(a0, a1);
      const CellPoints a3 = cell_mul(a0, a1);
      const CellPoints a4 = cell_add(a3, a3);
      const CellPoints a5 = cell_sub(a2, a4);
      const CellPoints a6 = cell_leaf(gpu_address(gpu_load(rows + p0.z)), at);
      const CellPoints a7 = cell_add(a6, a5);
      const CellPoints a8 = cell_mul(a6, a5);
      const CellPoints a9 = cell_add(a8, a8);
      const CellPoints a10 = cell_sub(a7, a9);
      DEVICE const u32* weight = weights + 4u * range.w + 4u * row;
      sums = cell_sum(sums, weight, a10);
    }
  }
  {  // 320 cells
    const U4 range = gpu_load4(ranges + 32u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 8u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const U4 p1 = gpu_load4(own + 4u);
      const CellPoints a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const CellPoints a1 = cell_leaf(gpu_address(gpu_load(rows + p0.y)), at);
      const CellPoints a2 = cell_add(a0, a1);
      const CellPoints a3 = cell_leaf(gpu_address(gpu_load(rows + p0.z)), at);
      const CellPoints a4 = cell_add(a3, a2);
      const CellPoints a5 = cell_leaf(gpu_address(gpu_load(rows + p0.w)), at);
      const CellPoints a6 = cell_add(a5, a4);
      const CellPoints a7 = cell_leaf(gpu_address(gpu_load(rows + p1.x)), at);
      const CellPoints a8 = cell_add(a7, a6);
      const CellPoints a9 = cell_leaf(gpu_address(gpu_load(rows + p1.y)), at);
      const CellPoints a10 = cell_sub(a8, a9);
      const Fp a11 = fp_word(536870908u);
      const CellPoints a12 = cell_sub_base(a10, a11);
      const CellPoints a13 = cell_mul(a12, a10);
      const Fp a14 = fp_word(1073741816u);
      const CellPoints a15 = cell_sub_base(a10, a14);
      const CellPoints a16 = cell_mul(a15, a13);
      DEVICE const u32* weight = weights + 4u * range.w + 4u * row;
      sums = cell_sum(sums, weight, a16);
    }
  }
  {  // 1600 cells
    const U4 range = gpu_load4(ranges + 36u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 4u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const CellPoints a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const CellPoints a1 = cell_leaf(gpu_address(gpu_load(rows + p0.y)), at);
      const Fp a2 = fp_word(268435454u);
      const CellPoints a3 = cell_base_sub(a2, a1);
      const CellPoints a4 = cell_mul(a0, a3);
      const CellPoints a5 = cell_leaf(gpu_address(gpu_load(rows + p0.z)), at);
      const CellPoints a6 = cell_add(a5, a4);
      const CellPoints a7 = cell_mul(a5, a4);
      const CellPoints a8 = cell_add(a7, a7);
      const CellPoints a9 = cell_sub(a6, a8);
      DEVICE const u32* weight = weights + 4u * range.w + 4u * row;
      sums = cell_sum(sums, weight, a9);
    }
  }
  {  // 1 cell
    const U4 range = gpu_load4(ranges + 40u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 16u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const U4 p1 = gpu_load4(own + 4u);
      const U4 p2 = gpu_load4(own + 8u);
      const U4 p3 = gpu_load4(own + 12u);
      const CellPoints a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const CellPoints a1 = cell_leaf(gpu_address(gpu_load(rows + p0.y)), at);
      const CellPoints a2 = cell_add(a0, a1);
      const CellPoints a3 = cell_leaf(gpu_address(gpu_load(rows + p0.z)), at);
      const CellPoints a4 = cell_add(a3, a2);
      const CellPoints a5 = cell_leaf(gpu_address(gpu_load(rows + p0.w)), at);
      const CellPoints a6 = cell_add(a5, a4);
      const CellPoints a7 = cell_leaf(gpu_address(gpu_load(rows + p1.x)), at);
      const CellPoints a8 = cell_add(a7, a6);
      const CellPoints a9 = cell_leaf(gpu_address(gpu_load(rows + p1.y)), at);
      const CellPoints a10 = cell_add(a9, a8);
      const CellPoints a11 = cell_leaf(gpu_address(gpu_load(rows + p1.z)), at);
      const CellPoints a12 = cell_add(a11, a10);
      const CellPoints a13 = cell_leaf(gpu_address(gpu_load(rows + p1.w)), at);
      const CellPoints a14 = cell_add(a13, a12);
      const CellPoints a15 = cell_leaf(gpu_address(gpu_load(rows + p2.x)), at);
      const CellPoints a16 = cell_add(a15, a14);
      const CellPoints a17 = cell_leaf(gpu_address(gpu_load(rows + p2.y)), at);
      const CellPoints a18 = cell_add(a17, a16);
      const CellPoints a19 = cell_leaf(gpu_address(gpu_load(rows + p2.z)), at);
      const CellPoints a20 = cell_add(a19, a18);
      const CellPoints a21 = cell_leaf(gpu_address(gpu_load(rows + p2.w)), at);
      const CellPoints a22 = cell_add(a21, a20);
      const CellPoints a23 = cell_leaf(gpu_address(gpu_load(rows + p3.x)), at);
      const CellPoints a24 = cell_add(a23, a22);
      const CellPoints a25 = cell_leaf(gpu_address(gpu_load(rows + p3.y)), at);
      const CellPoints a26 = cell_add(a25, a24);
      const CellPoints a27 = cell_leaf(gpu_address(gpu_load(rows + p3.z)), at);
      const CellPoints a28 = cell_add(a27, a26);
      const CellPoints a29 = cell_leaf(gpu_address(gpu_load(rows + p3.w)), at);
      const CellPoints a30 = cell_mul(a29, a28);
      DEVICE const u32* weight = weights + 4u * range.w + 4u * row;
      sums = cell_sum(sums, weight, a30);
    }
  }
  {  // 2 cells
    const U4 range = gpu_load4(ranges + 44u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 16u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const U4 p1 = gpu_load4(own + 4u);
      const U4 p2 = gpu_load4(own + 8u);
      const U4 p3 = gpu_load4(own + 12u);
      const CellPoints a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const CellPoints a1 = cell_leaf(gpu_address(gpu_load(rows + p0.y)), at);
      const CellPoints a2 = cell_add(a0, a1);
      const CellPoints a3 = cell_leaf(gpu_address(gpu_load(rows + p0.z)), at);
      const CellPoints a4 = cell_add(a3, a2);
      const CellPoints a5 = cell_leaf(gpu_address(gpu_load(rows + p0.w)), at);
      const CellPoints a6 = cell_add(a5, a4);
      const CellPoints a7 = cell_leaf(gpu_address(gpu_load(rows + p1.x)), at);
      const CellPoints a8 = cell_add(a7, a6);
      const CellPoints a9 = cell_leaf(gpu_address(gpu_load(rows + p1.y)), at);
      const CellPoints a10 = cell_add(a9, a8);
      const CellPoints a11 = cell_leaf(gpu_address(gpu_load(rows + p1.z)), at);
      const CellPoints a12 = cell_add(a11, a10);
      const CellPoints a13 = cell_leaf(gpu_address(gpu_load(rows + p1.w)), at);
      const CellPoints a14 = cell_add(a13, a12);
      const CellPoints a15 = cell_leaf(gpu_address(gpu_load(rows + p2.x)), at);
      const CellPoints a16 = cell_add(a15, a14);
      const CellPoints a17 = cell_leaf(gpu_address(gpu_load(rows + p2.y)), at);
      const CellPoints a18 = cell_add(a17, a16);
      const CellPoints a19 = cell_leaf(gpu_address(gpu_load(rows + p2.z)), at);
      const CellPoints a20 = cell_add(a19, a18);
      const CellPoints a21 = cell_leaf(gpu_address(gpu_load(rows + p2.w)), at);
      const CellPoints a22 = cell_add(a21, a20);
      const CellPoints a23 = cell_leaf(gpu_address(gpu_load(rows + p3.x)), at);
      const CellPoints a24 = cell_mul(a23, a22);
      DEVICE const u32* weight = weights + 4u * range.w + 4u * row;
      sums = cell_sum(sums, weight, a24);
    }
  }
  {  // 2 cells
    const U4 range = gpu_load4(ranges + 48u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 16u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const U4 p1 = gpu_load4(own + 4u);
      const U4 p2 = gpu_load4(own + 8u);
      const U4 p3 = gpu_load4(own + 12u);
      const CellPoints a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const CellPoints a1 = cell_leaf(gpu_address(gpu_load(rows + p0.y)), at);
      const CellPoints a2 = cell_add(a0, a1);
      const CellPoints a3 = cell_leaf(gpu_address(gpu_load(rows + p0.z)), at);
      const CellPoints a4 = cell_add(a3, a2);
      const CellPoints a5 = cell_leaf(gpu_address(gpu_load(rows + p0.w)), at);
      const CellPoints a6 = cell_add(a5, a4);
      const CellPoints a7 = cell_leaf(gpu_address(gpu_load(rows + p1.x)), at);
      const CellPoints a8 = cell_add(a7, a6);
      const CellPoints a9 = cell_leaf(gpu_address(gpu_load(rows + p1.y)), at);
      const CellPoints a10 = cell_add(a9, a8);
      const CellPoints a11 = cell_leaf(gpu_address(gpu_load(rows + p1.z)), at);
      const CellPoints a12 = cell_add(a11, a10);
      const CellPoints a13 = cell_leaf(gpu_address(gpu_load(rows + p1.w)), at);
      const CellPoints a14 = cell_add(a13, a12);
      const CellPoints a15 = cell_leaf(gpu_address(gpu_load(rows + p2.x)), at);
      const CellPoints a16 = cell_add(a15, a14);
      const CellPoints a17 = cell_leaf(gpu_address(gpu_load(rows + p2.y)), at);
      const CellPoints a18 = cell_add(a17, a16);
      const CellPoints a19 = cell_leaf(gpu_address(gpu_load(rows + p2.z)), at);
      const CellPoints a20 = cell_add(a19, a18);
      const CellPoints a21 = cell_leaf(gpu_address(gpu_load(rows + p2.w)), at);
      const CellPoints a22 = cell_add(a21, a20);
      const CellPoints a23 = cell_leaf(gpu_address(gpu_load(rows + p3.x)), at);
      const CellPoints a24 = cell_add(a23, a22);
      const CellPoints a25 = cell_leaf(gpu_address(gpu_load(rows + p3.y)), at);
      const CellPoints a26 = cell_mul(a25, a24);
      DEVICE const u32* weight = weights + 4u * range.w + 4u * row;
      sums = cell_sum(sums, weight, a26);
    }
  }
  {  // 1 cell
    const U4 range = gpu_load4(ranges + 52u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 12u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const U4 p1 = gpu_load4(own + 4u);
      const U4 p2 = gpu_load4(own + 8u);
      const CellPoints a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const CellPoints a1 = cell_leaf(gpu_address(gpu_load(rows + p0.y)), at);
      const CellPoints a2 = cell_add(a0, a1);
      const CellPoints a3 = cell_leaf(gpu_address(gpu_load(rows + p0.z)), at);
      const CellPoints a4 = cell_add(a3, a2);
      const CellPoints a5 = cell_leaf(gpu_address(gpu_load(rows + p0.w)), at);
      const CellPoints a6 = cell_add(a5, a4);
      const CellPoints a7 = cell_leaf(gpu_address(gpu_load(rows + p1.x)), at);
      const CellPoints a8 = cell_add(a7, a6);
      const CellPoints a9 = cell_leaf(gpu_address(gpu_load(rows + p1.y)), at);
      const CellPoints a10 = cell_add(a9, a8);
      const CellPoints a11 = cell_leaf(gpu_address(gpu_load(rows + p1.z)), at);
      const CellPoints a12 = cell_add(a11, a10);
      const CellPoints a13 = cell_leaf(gpu_address(gpu_load(rows + p1.w)), at);
      const CellPoints a14 = cell_add(a13, a12);
      const CellPoints a15 = cell_leaf(gpu_address(gpu_load(rows + p2.x)), at);
      const CellPoints a16 = cell_add(a15, a14);
      const CellPoints a17 = cell_leaf(gpu_address(gpu_load(rows + p2.y)), at);
      const CellPoints a18 = cell_add(a17, a16);
      const CellPoints a19 = cell_leaf(gpu_address(gpu_load(rows + p2.z)), at);
      const CellPoints a20 = cell_add(a19, a18);
      const CellPoints a21 = cell_leaf(gpu_address(gpu_load(rows + p2.w)), at);
      const CellPoints a22 = cell_add(a21, a20);
      const CellPoints a23 = cell_mul(a21, a20);
      const CellPoints a24 = cell_add(a23, a23);
      const CellPoints a25 = cell_sub(a22, a24);
      DEVICE const u32* weight = weights + 4u * range.w + 4u * row;
      sums = cell_sum(sums, weight, a25);
    }
  }
  {  // 1 cell
    const U4 range = gpu_load4(ranges + 56u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 12u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const U4 p1 = gpu_load4(own + 4u);
      const U4 p2 = gpu_load4(own + 8u);
      const CellPoints a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const CellPoints a1 = cell_leaf(gpu_address(gpu_load(rows + p0.y)), at);
      const CellPoints a2 = cell_add(a0, a1);
      const CellPoints a3 = cell_leaf(gpu_address(gpu_load(rows + p0.z)), at);
      const CellPoints a4 = cell_add(a3, a2);
      const CellPoints a5 = cell_leaf(gpu_address(gpu_load(rows + p0.w)), at);
      const CellPoints a6 = cell_add(a5, a4);
      const CellPoints a7 = cell_leaf(gpu_address(gpu_load(rows + p1.x)), at);
      const CellPoints a8 = cell_add(a7, a6);
      const CellPoints a9 = cell_leaf(gpu_address(gpu_load(rows + p1.y)), at);
      const CellPoints a10 = cell_add(a9, a8);
      const CellPoints a11 = cell_leaf(gpu_address(gpu_load(rows + p1.z)), at);
      const CellPoints a12 = cell_add(a11, a10);
      const CellPoints a13 = cell_leaf(gpu_address(gpu_load(rows + p1.w)), at);
      const CellPoints a14 = cell_add(a13, a12);
      const CellPoints a15 = cell_leaf(gpu_address(gpu_load(rows + p2.x)), at);
      const CellPoints a16 = cell_add(a15, a14);
      const CellPoints a17 = cell_leaf(gpu_address(gpu_load(rows + p2.y)), at);
      const CellPoints a18 = cell_add(a17, a16);
      const CellPoints a19 = cell_leaf(gpu_address(gpu_load(rows + p2.z)), at);
      const CellPoints a20 = cell_add(a19, a18);
      const CellPoints a21 = cell_mul(a19, a18);
      const CellPoints a22 = cell_add(a21, a21);
      const CellPoints a23 = cell_sub(a20, a22);
      DEVICE const u32* weight = weights + 4u * range.w + 4u * row;
      sums = cell_sum(sums, weight, a23);
    }
  }
  {  // 100 cells
    const U4 range = gpu_load4(ranges + 60u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 4u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const CellPoints a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const CellPoints a1 = cell_leaf(gpu_address(gpu_load(rows + p0.y)), at);
      const CellPoints a2 = cell_sub(a0, a1);
      const CellPoints a3 = cell_leaf(gpu_address(gpu_load(rows + p0.z)), at);
      const Fp a4 = fp_word(268435454u);
      const CellPoints a5 = cell_base_sub(a4, a3);
      const CellPoints a6 = cell_mul(a5, a2);
      const CellPoints a7 = cell_leaf(gpu_address(gpu_load(rows + p0.w)), at);
      const CellPoints a8 = cell_mul(a7, a6);
      DEVICE const u32* weight = weights + 4u * range.w + 4u * row;
      sums = cell_sum(sums, weight, a8);
    }
  }
  }
  cell_points_store(scratch, piece, eq, at, sums, partials, gpu_tid.x);
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
  {  // 612 cells
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
      const Fp a2 = fp_word(268435454u);
      const Ext a3 = cell_sub_base(a1, a2);
      const Ext a4 = cell_mul(a0, a3);
      DEVICE const u32* weight = weights + 8u * range.w + 8u * row;
      sums = cell_sum(sums, weight, a4);
    }
  }
  {  // 23 cells
    const U4 range = gpu_load4(ranges + 8u);
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
  {  // 124 cells
    const U4 range = gpu_load4(ranges + 12u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 4u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const Ext a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const Ext a1 = cell_leaf(gpu_address(gpu_load(rows + p0.y)), at);
      const Ext a2 = cell_sub(a0, a1);
      const Ext a3 = cell_leaf(gpu_address(gpu_load(rows + p0.z)), at);
      const Ext a4 = cell_mul(a3, a2);
      DEVICE const u32* weight = weights + 8u * range.w + 8u * row;
      sums = cell_sum(sums, weight, a4);
    }
  }
  {  // 100 cells
    const U4 range = gpu_load4(ranges + 16u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 4u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const Ext a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const Ext a1 = cell_leaf(gpu_address(gpu_load(rows + p0.y)), at);
      const Ext a2 = cell_sub(a0, a1);
      const Ext a3 = cell_leaf(gpu_address(gpu_load(rows + p0.z)), at);
      const Ext a4 = cell_mul(a3, a2);
      const Ext a5 = cell_leaf(gpu_address(gpu_load(rows + p0.w)), at);
      const Fp a6 = fp_word(268435454u);
      const Ext a7 = cell_base_sub(a6, a5);
      const Ext a8 = cell_mul(a7, a4);
      DEVICE const u32* weight = weights + 8u * range.w + 8u * row;
      sums = cell_sum(sums, weight, a8);
    }
  }
  {  // 1985 cells
    const U4 range = gpu_load4(ranges + 20u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 4u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const Ext a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const Fp a1 = fp_word(268435454u);
      const Ext a2 = cell_sub_base(a0, a1);
      const Ext a3 = cell_mul(a0, a2);
      DEVICE const u32* weight = weights + 8u * range.w + 8u * row;
      sums = cell_sum(sums, weight, a3);
    }
  }
  {  // 1 cell
    const U4 range = gpu_load4(ranges + 24u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 4u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const Ext a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const Ext a1 = cell_leaf(gpu_address(gpu_load(rows + p0.y)), at);
      const Fp a2 = fp_word(268435454u);
      const Ext a3 = cell_base_sub(a2, a1);
      const Ext a4 = cell_mul(a0, a3);
      DEVICE const u32* weight = weights + 8u * range.w + 8u * row;
      sums = cell_sum(sums, weight, a4);
    }
  }
  {  // 1920 cells
    const U4 range = gpu_load4(ranges + 28u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 4u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const Ext a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const Ext a1 = cell_leaf(gpu_address(gpu_load(rows + p0.y)), at);
      const Ext a2 = cell_add(a0, a1);
      const Ext a3 = cell_mul(a0, a1);
      const Ext a4 = cell_add(a3, a3);
      const Ext a5 = cell_sub(a2, a4);
      const Ext a6 = cell_leaf(gpu_address(gpu_load(rows + p0.z)), at);
      const Ext a7 = cell_add(a6, a5);
      const Ext a8 = cell_mul(a6, a5);
      const Ext a9 = cell_add(a8, a8);
      const Ext a10 = cell_sub(a7, a9);
      DEVICE const u32* weight = weights + 8u * range.w + 8u * row;
      sums = cell_sum(sums, weight, a10);
    }
  }
  {  // 320 cells
    const U4 range = gpu_load4(ranges + 32u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 8u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const U4 p1 = gpu_load4(own + 4u);
      const Ext a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const Ext a1 = cell_leaf(gpu_address(gpu_load(rows + p0.y)), at);
      const Ext a2 = cell_add(a0, a1);
      const Ext a3 = cell_leaf(gpu_address(gpu_load(rows + p0.z)), at);
      const Ext a4 = cell_add(a3, a2);
      const Ext a5 = cell_leaf(gpu_address(gpu_load(rows + p0.w)), at);
      const Ext a6 = cell_add(a5, a4);
      const Ext a7 = cell_leaf(gpu_address(gpu_load(rows + p1.x)), at);
      const Ext a8 = cell_add(a7, a6);
      const Ext a9 = cell_leaf(gpu_address(gpu_load(rows + p1.y)), at);
      const Ext a10 = cell_sub(a8, a9);
      const Fp a11 = fp_word(536870908u);
      const Ext a12 = cell_sub_base(a10, a11);
      const Ext a13 = cell_mul(a12, a10);
      const Fp a14 = fp_word(1073741816u);
      const Ext a15 = cell_sub_base(a10, a14);
      const Ext a16 = cell_mul(a15, a13);
      DEVICE const u32* weight = weights + 8u * range.w + 8u * row;
      sums = cell_sum(sums, weight, a16);
    }
  }
  {  // 1600 cells
    const U4 range = gpu_load4(ranges + 36u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 4u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const Ext a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const Ext a1 = cell_leaf(gpu_address(gpu_load(rows + p0.y)), at);
      const Fp a2 = fp_word(268435454u);
      const Ext a3 = cell_base_sub(a2, a1);
      const Ext a4 = cell_mul(a0, a3);
      const Ext a5 = cell_leaf(gpu_address(gpu_load(rows + p0.z)), at);
      const Ext a6 = cell_add(a5, a4);
      const Ext a7 = cell_mul(a5, a4);
      const Ext a8 = cell_add(a7, a7);
      const Ext a9 = cell_sub(a6, a8);
      DEVICE const u32* weight = weights + 8u * range.w + 8u * row;
      sums = cell_sum(sums, weight, a9);
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
      DEVICE const u32* own = table + range.z + 16u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const U4 p1 = gpu_load4(own + 4u);
      const U4 p2 = gpu_load4(own + 8u);
      const U4 p3 = gpu_load4(own + 12u);
      const Ext a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const Ext a1 = cell_leaf(gpu_address(gpu_load(rows + p0.y)), at);
      const Ext a2 = cell_add(a0, a1);
      const Ext a3 = cell_leaf(gpu_address(gpu_load(rows + p0.z)), at);
      const Ext a4 = cell_add(a3, a2);
      const Ext a5 = cell_leaf(gpu_address(gpu_load(rows + p0.w)), at);
      const Ext a6 = cell_add(a5, a4);
      const Ext a7 = cell_leaf(gpu_address(gpu_load(rows + p1.x)), at);
      const Ext a8 = cell_add(a7, a6);
      const Ext a9 = cell_leaf(gpu_address(gpu_load(rows + p1.y)), at);
      const Ext a10 = cell_add(a9, a8);
      const Ext a11 = cell_leaf(gpu_address(gpu_load(rows + p1.z)), at);
      const Ext a12 = cell_add(a11, a10);
      const Ext a13 = cell_leaf(gpu_address(gpu_load(rows + p1.w)), at);
      const Ext a14 = cell_add(a13, a12);
      const Ext a15 = cell_leaf(gpu_address(gpu_load(rows + p2.x)), at);
      const Ext a16 = cell_add(a15, a14);
      const Ext a17 = cell_leaf(gpu_address(gpu_load(rows + p2.y)), at);
      const Ext a18 = cell_add(a17, a16);
      const Ext a19 = cell_leaf(gpu_address(gpu_load(rows + p2.z)), at);
      const Ext a20 = cell_add(a19, a18);
      const Ext a21 = cell_leaf(gpu_address(gpu_load(rows + p2.w)), at);
      const Ext a22 = cell_add(a21, a20);
      const Ext a23 = cell_leaf(gpu_address(gpu_load(rows + p3.x)), at);
      const Ext a24 = cell_add(a23, a22);
      const Ext a25 = cell_leaf(gpu_address(gpu_load(rows + p3.y)), at);
      const Ext a26 = cell_add(a25, a24);
      const Ext a27 = cell_leaf(gpu_address(gpu_load(rows + p3.z)), at);
      const Ext a28 = cell_add(a27, a26);
      const Ext a29 = cell_leaf(gpu_address(gpu_load(rows + p3.w)), at);
      const Ext a30 = cell_mul(a29, a28);
      DEVICE const u32* weight = weights + 8u * range.w + 8u * row;
      sums = cell_sum(sums, weight, a30);
    }
  }
  {  // 2 cells
    const U4 range = gpu_load4(ranges + 4u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 16u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const U4 p1 = gpu_load4(own + 4u);
      const U4 p2 = gpu_load4(own + 8u);
      const U4 p3 = gpu_load4(own + 12u);
      const Ext a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const Ext a1 = cell_leaf(gpu_address(gpu_load(rows + p0.y)), at);
      const Ext a2 = cell_add(a0, a1);
      const Ext a3 = cell_leaf(gpu_address(gpu_load(rows + p0.z)), at);
      const Ext a4 = cell_add(a3, a2);
      const Ext a5 = cell_leaf(gpu_address(gpu_load(rows + p0.w)), at);
      const Ext a6 = cell_add(a5, a4);
      const Ext a7 = cell_leaf(gpu_address(gpu_load(rows + p1.x)), at);
      const Ext a8 = cell_add(a7, a6);
      const Ext a9 = cell_leaf(gpu_address(gpu_load(rows + p1.y)), at);
      const Ext a10 = cell_add(a9, a8);
      const Ext a11 = cell_leaf(gpu_address(gpu_load(rows + p1.z)), at);
      const Ext a12 = cell_add(a11, a10);
      const Ext a13 = cell_leaf(gpu_address(gpu_load(rows + p1.w)), at);
      const Ext a14 = cell_add(a13, a12);
      const Ext a15 = cell_leaf(gpu_address(gpu_load(rows + p2.x)), at);
      const Ext a16 = cell_add(a15, a14);
      const Ext a17 = cell_leaf(gpu_address(gpu_load(rows + p2.y)), at);
      const Ext a18 = cell_add(a17, a16);
      const Ext a19 = cell_leaf(gpu_address(gpu_load(rows + p2.z)), at);
      const Ext a20 = cell_add(a19, a18);
      const Ext a21 = cell_leaf(gpu_address(gpu_load(rows + p2.w)), at);
      const Ext a22 = cell_add(a21, a20);
      const Ext a23 = cell_leaf(gpu_address(gpu_load(rows + p3.x)), at);
      const Ext a24 = cell_mul(a23, a22);
      DEVICE const u32* weight = weights + 8u * range.w + 8u * row;
      sums = cell_sum(sums, weight, a24);
    }
  }
  {  // 2 cells
    const U4 range = gpu_load4(ranges + 8u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 16u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const U4 p1 = gpu_load4(own + 4u);
      const U4 p2 = gpu_load4(own + 8u);
      const U4 p3 = gpu_load4(own + 12u);
      const Ext a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const Ext a1 = cell_leaf(gpu_address(gpu_load(rows + p0.y)), at);
      const Ext a2 = cell_add(a0, a1);
      const Ext a3 = cell_leaf(gpu_address(gpu_load(rows + p0.z)), at);
      const Ext a4 = cell_add(a3, a2);
      const Ext a5 = cell_leaf(gpu_address(gpu_load(rows + p0.w)), at);
      const Ext a6 = cell_add(a5, a4);
      const Ext a7 = cell_leaf(gpu_address(gpu_load(rows + p1.x)), at);
      const Ext a8 = cell_add(a7, a6);
      const Ext a9 = cell_leaf(gpu_address(gpu_load(rows + p1.y)), at);
      const Ext a10 = cell_add(a9, a8);
      const Ext a11 = cell_leaf(gpu_address(gpu_load(rows + p1.z)), at);
      const Ext a12 = cell_add(a11, a10);
      const Ext a13 = cell_leaf(gpu_address(gpu_load(rows + p1.w)), at);
      const Ext a14 = cell_add(a13, a12);
      const Ext a15 = cell_leaf(gpu_address(gpu_load(rows + p2.x)), at);
      const Ext a16 = cell_add(a15, a14);
      const Ext a17 = cell_leaf(gpu_address(gpu_load(rows + p2.y)), at);
      const Ext a18 = cell_add(a17, a16);
      const Ext a19 = cell_leaf(gpu_address(gpu_load(rows + p2.z)), at);
      const Ext a20 = cell_add(a19, a18);
      const Ext a21 = cell_leaf(gpu_address(gpu_load(rows + p2.w)), at);
      const Ext a22 = cell_add(a21, a20);
      const Ext a23 = cell_leaf(gpu_address(gpu_load(rows + p3.x)), at);
      const Ext a24 = cell_add(a23, a22);
      const Ext a25 = cell_leaf(gpu_address(gpu_load(rows + p3.y)), at);
      const Ext a26 = cell_mul(a25, a24);
      DEVICE const u32* weight = weights + 8u * range.w + 8u * row;
      sums = cell_sum(sums, weight, a26);
    }
  }
  }
  lines_store(scratch, piece, eq, at.place, ext_sum_value(sums), partials, gpu_tid.x, gpu_lane,
              gpu_simd);
}
KERNEL(constraints_lines_2, 64, BUF(0, DEVICE const u32* table), BUF(1, DEVICE const u32* pieces),
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
      DEVICE const u32* own = table + range.z + 12u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const U4 p1 = gpu_load4(own + 4u);
      const U4 p2 = gpu_load4(own + 8u);
      const Ext a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const Ext a1 = cell_leaf(gpu_address(gpu_load(rows + p0.y)), at);
      const Ext a2 = cell_add(a0, a1);
      const Ext a3 = cell_leaf(gpu_address(gpu_load(rows + p0.z)), at);
      const Ext a4 = cell_add(a3, a2);
      const Ext a5 = cell_leaf(gpu_address(gpu_load(rows + p0.w)), at);
      const Ext a6 = cell_add(a5, a4);
      const Ext a7 = cell_leaf(gpu_address(gpu_load(rows + p1.x)), at);
      const Ext a8 = cell_add(a7, a6);
      const Ext a9 = cell_leaf(gpu_address(gpu_load(rows + p1.y)), at);
      const Ext a10 = cell_add(a9, a8);
      const Ext a11 = cell_leaf(gpu_address(gpu_load(rows + p1.z)), at);
      const Ext a12 = cell_add(a11, a10);
      const Ext a13 = cell_leaf(gpu_address(gpu_load(rows + p1.w)), at);
      const Ext a14 = cell_add(a13, a12);
      const Ext a15 = cell_leaf(gpu_address(gpu_load(rows + p2.x)), at);
      const Ext a16 = cell_add(a15, a14);
      const Ext a17 = cell_leaf(gpu_address(gpu_load(rows + p2.y)), at);
      const Ext a18 = cell_add(a17, a16);
      const Ext a19 = cell_leaf(gpu_address(gpu_load(rows + p2.z)), at);
      const Ext a20 = cell_add(a19, a18);
      const Ext a21 = cell_leaf(gpu_address(gpu_load(rows + p2.w)), at);
      const Ext a22 = cell_add(a21, a20);
      const Ext a23 = cell_mul(a21, a20);
      const Ext a24 = cell_add(a23, a23);
      const Ext a25 = cell_sub(a22, a24);
      DEVICE const u32* weight = weights + 8u * range.w + 8u * row;
      sums = cell_sum(sums, weight, a25);
    }
  }
  {  // 1 cell
    const U4 range = gpu_load4(ranges + 4u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 12u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const U4 p1 = gpu_load4(own + 4u);
      const U4 p2 = gpu_load4(own + 8u);
      const Ext a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const Ext a1 = cell_leaf(gpu_address(gpu_load(rows + p0.y)), at);
      const Ext a2 = cell_add(a0, a1);
      const Ext a3 = cell_leaf(gpu_address(gpu_load(rows + p0.z)), at);
      const Ext a4 = cell_add(a3, a2);
      const Ext a5 = cell_leaf(gpu_address(gpu_load(rows + p0.w)), at);
      const Ext a6 = cell_add(a5, a4);
      const Ext a7 = cell_leaf(gpu_address(gpu_load(rows + p1.x)), at);
      const Ext a8 = cell_add(a7, a6);
      const Ext a9 = cell_leaf(gpu_address(gpu_load(rows + p1.y)), at);
      const Ext a10 = cell_add(a9, a8);
      const Ext a11 = cell_leaf(gpu_address(gpu_load(rows + p1.z)), at);
      const Ext a12 = cell_add(a11, a10);
      const Ext a13 = cell_leaf(gpu_address(gpu_load(rows + p1.w)), at);
      const Ext a14 = cell_add(a13, a12);
      const Ext a15 = cell_leaf(gpu_address(gpu_load(rows + p2.x)), at);
      const Ext a16 = cell_add(a15, a14);
      const Ext a17 = cell_leaf(gpu_address(gpu_load(rows + p2.y)), at);
      const Ext a18 = cell_add(a17, a16);
      const Ext a19 = cell_leaf(gpu_address(gpu_load(rows + p2.z)), at);
      const Ext a20 = cell_add(a19, a18);
      const Ext a21 = cell_mul(a19, a18);
      const Ext a22 = cell_add(a21, a21);
      const Ext a23 = cell_sub(a20, a22);
      DEVICE const u32* weight = weights + 8u * range.w + 8u * row;
      sums = cell_sum(sums, weight, a23);
    }
  }
  {  // 100 cells
    const U4 range = gpu_load4(ranges + 8u);
    ROLLED
    for (u32 row = range.x; row < range.y; ++row) {
      DEVICE const u32* own = table + range.z + 4u * row;
      const U4 p0 = gpu_load4(own + 0u);
      const Ext a0 = cell_leaf(gpu_address(gpu_load(rows + p0.x)), at);
      const Ext a1 = cell_leaf(gpu_address(gpu_load(rows + p0.y)), at);
      const Ext a2 = cell_sub(a0, a1);
      const Ext a3 = cell_leaf(gpu_address(gpu_load(rows + p0.z)), at);
      const Fp a4 = fp_word(268435454u);
      const Ext a5 = cell_base_sub(a4, a3);
      const Ext a6 = cell_mul(a5, a2);
      const Ext a7 = cell_leaf(gpu_address(gpu_load(rows + p0.w)), at);
      const Ext a8 = cell_mul(a7, a6);
      DEVICE const u32* weight = weights + 8u * range.w + 8u * row;
      sums = cell_sum(sums, weight, a8);
    }
  }
  }
  lines_store(scratch, piece, eq, at.place, ext_sum_value(sums), partials, gpu_tid.x, gpu_lane,
              gpu_simd);
}
