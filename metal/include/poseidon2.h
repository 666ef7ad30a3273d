// The Poseidon2 permutation of width 16 (protocol part 01, 3) in two forms of its internal layer: products with
// the diagonal, or shifts and additions. Which is faster differs between GPUs, so kernels ship both.
#ifndef OPENSWIRL_POSEIDON2_H
#define OPENSWIRL_POSEIDON2_H

#include "fp.h"
#include "poseidon2_constants.h"

#define POSEIDON2_MULTIPLY 0
#define POSEIDON2_SHIFT 1

// M4 (rows 2 3 1 1 / 1 2 3 1 / 1 1 2 3 / 3 1 1 2) on each group of four, then each residue's sum is added.
FN void poseidon2_external(THREAD Fp* s) {
  UNROLL for (u32 g = 0; g < 16; g += 4) {
    const Fp a = s[g], b = s[g + 1], c = s[g + 2], d = s[g + 3];
    const Fp ab = fp_add(a, b), cd = fp_add(c, d), all = fp_add(ab, cd);
    const Fp all_b = fp_add(all, b), all_d = fp_add(all, d);
    s[g] = fp_add(all_b, ab);
    s[g + 1] = fp_add(all_b, fp_double(c));
    s[g + 2] = fp_add(all_d, cd);
    s[g + 3] = fp_add(all_d, fp_double(a));
  }
  UNROLL for (u32 j = 0; j < 4; ++j) {
    const Fp sum = fp_add(fp_add(s[j], s[j + 4]), fp_add(s[j + 8], s[j + 12]));
    UNROLL for (u32 i = 0; i < 16; i += 4) s[i + j] = fp_add(s[i + j], sum);
  }
}

// x / 2^N for N <= 27: 2^-N = -15 * 2^(27-N) mod p.
template <u32 N>
FN Fp poseidon2_div_2exp(Fp x) {
  GPU_COUNT(shifts);
  const u32 low = x.v & ((1u << N) - 1u);
  return fp_sub(fp_word(x.v >> N), fp_word((low << (31u - N)) - (low << (27u - N))));
}

template <u32 FORM>
FN void poseidon2_internal(THREAD Fp* s) {
  Fp rest = s[1];
  UNROLL for (u32 i = 2; i < 16; ++i) rest = fp_add(rest, s[i]);
  const Fp sum = fp_add(rest, s[0]);
  s[0] = fp_sub(rest, s[0]);
  s[1] = fp_add(sum, s[1]);
  s[2] = fp_add(sum, fp_double(s[2]));
  s[3] = fp_add(sum, fp_halve(s[3]));
  s[4] = fp_add(sum, fp_add(fp_double(s[4]), s[4]));
  s[5] = fp_add(sum, fp_double(fp_double(s[5])));
  s[6] = fp_sub(sum, fp_halve(s[6]));
  s[7] = fp_sub(sum, fp_add(fp_double(s[7]), s[7]));
  s[8] = fp_sub(sum, fp_double(fp_double(s[8])));
  if (FORM == POSEIDON2_MULTIPLY) {
    UNROLL for (u32 i = 9; i < 16; ++i) s[i] = fp_add(sum, fp_mul(s[i], fp_word(POSEIDON2_DIAGONAL[i - 9])));
  } else {
    s[9] = fp_add(sum, poseidon2_div_2exp<8>(s[9]));
    s[10] = fp_add(sum, poseidon2_div_2exp<2>(s[10]));
    s[11] = fp_add(sum, poseidon2_div_2exp<3>(s[11]));
    s[12] = fp_add(sum, poseidon2_div_2exp<27>(s[12]));
    s[13] = fp_sub(sum, poseidon2_div_2exp<8>(s[13]));
    s[14] = fp_sub(sum, poseidon2_div_2exp<4>(s[14]));
    s[15] = fp_sub(sum, poseidon2_div_2exp<27>(s[15]));
  }
}

// Rounds stay loops: unrolled, the code would not fit the instruction cache of a GPU core.
template <u32 FORM>
FN void poseidon2(THREAD Fp* s) {
  GPU_COUNT(permutations);
  poseidon2_external(s);
  for (u32 half = 0; half < 2; ++half) {
    for (u32 round = 0; round < 4; ++round) {
      UNROLL for (u32 i = 0; i < 16; ++i) {
        s[i] = fp_pow7(fp_add(s[i], fp_word(POSEIDON2_EXTERNAL[64 * half + 16 * round + i])));
      }
      poseidon2_external(s);
    }
    if (half == 0) {
      for (u32 round = 0; round < 13; ++round) {
        s[0] = fp_pow7(fp_add(s[0], fp_word(POSEIDON2_INTERNAL[round])));
        poseidon2_internal<FORM>(s);
      }
    }
  }
}

// A digest is eight words, 16-byte aligned.
FN void digest_load(DEVICE const u32* p, THREAD Fp* s) {
  const U4 low = gpu_load4(p), high = gpu_load4(p + 4);
  s[0] = fp_word(low.x);
  s[1] = fp_word(low.y);
  s[2] = fp_word(low.z);
  s[3] = fp_word(low.w);
  s[4] = fp_word(high.x);
  s[5] = fp_word(high.y);
  s[6] = fp_word(high.z);
  s[7] = fp_word(high.w);
}
FN void digest_store(DEVICE u32* p, THREAD const Fp* s) {
  gpu_store4(p, gpu_u4(s[0].v, s[1].v, s[2].v, s[3].v));
  gpu_store4(p + 4, gpu_u4(s[4].v, s[5].v, s[6].v, s[7].v));
}

#endif
