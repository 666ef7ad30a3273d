// Sums of products with one reduction at the end.
#ifndef OPENSWIRL_SUMS_H
#define OPENSWIRL_SUMS_H

#include "ext.h"

// Base elements times extension elements, each sum below R p.
struct ExtSum {
  u64 c[4];
};

FN ExtSum ext_sum_zero() {
  ExtSum result;
  UNROLL for (u32 k = 0; k < 4; ++k) result.c[k] = 0;
  return result;
}

// R p + 2 p^2 < 2^64 and 2 p^2 < R p: two products fit before R p is subtracted once.
FN u64 fp_sum_pair(u64 sum, Fp a, Fp x, Fp b, Fp y) {
  const u64 total = sum + fp_product(a, x) + fp_product(b, y);
  const u32 high = (u32)(total >> 32);
  return ((u64)gpu_min(high, high - FP_MODULUS) << 32) | (u32)total;
}

// sum + a x + b y.
FN ExtSum ext_sum_pair(ExtSum sum, Ext a, Fp x, Ext b, Fp y) {
  ExtSum result;
  UNROLL for (u32 k = 0; k < 4; ++k) result.c[k] = fp_sum_pair(sum.c[k], a.c[k], x, b.c[k], y);
  return result;
}

FN Ext ext_sum_value(ExtSum sum) {
  return ext(fp_reduce(sum.c[0]), fp_reduce(sum.c[1]), fp_reduce(sum.c[2]), fp_reduce(sum.c[3]));
}

#endif
