// Sums over the threads of a group.
#ifndef OPENSWIRL_REDUCE_H
#define OPENSWIRL_REDUCE_H

#include "ext.h"

// Over the 32 lanes that run together, in every lane.
FN Fp fp_simd_sum(Fp a) {
  UNROLL
  for (u32 mask = 16u; mask > 0u; mask >>= 1) a = fp_add(a, fp_word(gpu_shuffle_xor(a.v, mask)));
  return a;
}
FN Ext ext_simd_sum(Ext a) {
  return ext(fp_simd_sum(a.c[0]), fp_simd_sum(a.c[1]), fp_simd_sum(a.c[2]), fp_simd_sum(a.c[3]));
}

// Adds up what every simd left in scratch.
FN void group_store_scratch(THREADGROUP const u32* scratch, DEVICE u32* out, u32 thread_index, u32 simds) {
  gpu_barrier_threadgroup();
  if (thread_index < 8u) {
    Fp sum = fp_zero();
    for (u32 s = 0; s < simds; ++s) sum = fp_add(sum, fp_word(scratch[8u * s + thread_index]));
    fp_store(out + thread_index, sum);
  }
}

// Two sums over a group of `simds` times 32 threads, eight words to `out`. scratch: 8 words for each simd.
FN void group_store_sums(THREADGROUP u32* scratch, Ext a, Ext b, DEVICE u32* out, u32 thread_index, u32 lane,
                         u32 simd, u32 simds) {
  a = ext_simd_sum(a);
  b = ext_simd_sum(b);
  if (lane == 0) {
    UNROLL
    for (u32 k = 0; k < 4u; ++k) {
      scratch[8u * simd + k] = a.c[k].v;
      scratch[8u * simd + 4u + k] = b.c[k].v;
    }
  }
  group_store_scratch(scratch, out, thread_index, simds);
}

// Over the lanes of one parity.
FN Fp fp_parity_sum(Fp a) {
  UNROLL
  for (u32 mask = 16u; mask > 1u; mask >>= 1) a = fp_add(a, fp_word(gpu_shuffle_xor(a.v, mask)));
  return a;
}

// The same where the odd threads have the elements of the first sum and the even ones those of the second.
FN void group_store_parity_sums(THREADGROUP u32* scratch, Ext value, DEVICE u32* out, u32 thread_index, u32 lane,
                                u32 simd, u32 simds) {
  UNROLL
  for (u32 k = 0; k < 4u; ++k) {
    const Fp sum = fp_parity_sum(value.c[k]);
    if (lane < 2u) scratch[8u * simd + 4u * (1u - lane) + k] = sum.v;
  }
  group_store_scratch(scratch, out, thread_index, simds);
}

#endif
