// Blocks of 16 values on D and their messages (protocol part 03, 7.1), in the registers of one thread.
#ifndef OPENSWIRL_BLOCK_MESSAGE_H
#define OPENSWIRL_BLOCK_MESSAGE_H

#include "fp.h"

#define BLOCK 16u
#define BLOCK_PITCH 17u /* words between blocks in threadgroup memory: a bank apart */
#define ROOTS_LOG 12u   /* of the order of the device's table of factors, which has w^j for j < 2^11 */

// A layer of an inverse DFT of 16 elements in registers; w^-j = -w^(half - j) for a root of order 2 half.
template <u32 LAYER>
FN void block_layer(THREAD Fp* x, DEVICE const u64* roots) {
  UNROLL for (u32 j = 0; j < (1u << LAYER); ++j) {
    // A product with w^0 needs no factor, which the table does not have either.
    FpFactor root = {0u, 0u};
    if (j != 0) root = fp_load_factor(roots + (((1u << LAYER) - j) << (ROOTS_LOG - 1u - LAYER)));
    UNROLL for (u32 i = j; i < 16; i += 2u << LAYER) {
      const Fp a = x[i], b = x[i + (1u << LAYER)], c = j == 0 ? b : fp_mul_factor(b, root);
      x[i] = j == 0 ? fp_add(a, c) : fp_sub(a, c);
      x[i + (1u << LAYER)] = j == 0 ? fp_sub(a, c) : fp_add(a, c);
    }
  }
}

// The four bits of i backwards: where value i is put before a transform.
FN u32 reversed_in_16(u32 i) { return ((i & 1u) << 3) | ((i & 2u) << 1) | ((i & 4u) >> 1) | (i >> 3); }

FN void block_load(THREAD Fp* x, DEVICE const u32* source) {
  UNROLL for (u32 i = 0; i < BLOCK; i += 4) {
    const U4 word = gpu_load4(source + i);
    x[reversed_in_16(i)] = fp_word(word.x);
    x[reversed_in_16(i + 1u)] = fp_word(word.y);
    x[reversed_in_16(i + 2u)] = fp_word(word.z);
    x[reversed_in_16(i + 3u)] = fp_word(word.w);
  }
}

// 16 times the message of the values: an inverse DFT, then sums over the submasks of every index.
FN void block_message(THREAD Fp* x, DEVICE const u64* roots) {
  block_layer<0>(x, roots);
  block_layer<1>(x, roots);
  block_layer<2>(x, roots);
  block_layer<3>(x, roots);
  UNROLL for (u32 bit = 1; bit < BLOCK; bit *= 2u) {
    UNROLL for (u32 i = 0; i < BLOCK; ++i) {
      if (i & bit) x[i] = fp_add(x[i], x[i - bit]);
    }
  }
}

FN void block_store(THREAD const Fp* x, DEVICE u32* target, Fp scale) {
  UNROLL for (u32 i = 0; i < BLOCK; i += 4) {
    gpu_store4(target + i, gpu_u4(fp_mul(x[i], scale).v, fp_mul(x[i + 1u], scale).v, fp_mul(x[i + 2u], scale).v,
                                  fp_mul(x[i + 3u], scale).v));
  }
}

#endif
