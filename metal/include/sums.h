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

// R p + 2 p^2 < 2^64 and 2 p^2 < R p: one or two products fit before R p is subtracted once.
FN u64 fp_sum_fold(u64 total) {
  GPU_COUNT(folds);
  const u32 high = (u32)(total >> 32);
  return ((u64)gpu_min(high, high - FP_MODULUS) << 32) | (u32)total;
}

// sum + a x.
FN ExtSum ext_sum_one(ExtSum sum, Ext a, Fp x) {
  ExtSum result;
  UNROLL for (u32 k = 0; k < 4; ++k) result.c[k] = fp_sum_fold(sum.c[k] + fp_product(a.c[k], x));
  return result;
}
// sum + a x + b y.
FN ExtSum ext_sum_pair(ExtSum sum, Ext a, Fp x, Ext b, Fp y) {
  ExtSum result;
  UNROLL for (u32 k = 0; k < 4; ++k) {
    result.c[k] = fp_sum_fold(sum.c[k] + fp_product(a.c[k], x) + fp_product(b.c[k], y));
  }
  return result;
}

FN Ext ext_sum_value(ExtSum sum) {
  return ext(fp_reduce(sum.c[0]), fp_reduce(sum.c[1]), fp_reduce(sum.c[2]), fp_reduce(sum.c[3]));
}

#endif
