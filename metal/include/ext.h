// The quartic extension F[x]/(x^4 - 11), coefficient c0 first (protocol part 01, 2). In memory four words.
#ifndef OPENSWIRL_EXT_H
#define OPENSWIRL_EXT_H

#include "fp.h"

#define EXT_W 0x37ffffe9u /* 11 in Montgomery form */

struct Ext {
  Fp c[4];
};

FN Ext ext(Fp c0, Fp c1, Fp c2, Fp c3) {
  Ext result;
  result.c[0] = c0;
  result.c[1] = c1;
  result.c[2] = c2;
  result.c[3] = c3;
  return result;
}
FN Ext ext_zero() { return ext(fp_zero(), fp_zero(), fp_zero(), fp_zero()); }
FN Ext ext_one() { return ext(fp_one(), fp_zero(), fp_zero(), fp_zero()); }
FN Ext ext_from_fp(Fp a) { return ext(a, fp_zero(), fp_zero(), fp_zero()); }
FN Ext ext_words(u32 c0, u32 c1, u32 c2, u32 c3) { return ext(fp_word(c0), fp_word(c1), fp_word(c2), fp_word(c3)); }
// An element of an argument structure.
FN Ext ext_constant(CONSTANT u32* words) { return ext_words(words[0], words[1], words[2], words[3]); }

FN Ext ext_add(Ext a, Ext b) {
  return ext(fp_add(a.c[0], b.c[0]), fp_add(a.c[1], b.c[1]), fp_add(a.c[2], b.c[2]), fp_add(a.c[3], b.c[3]));
}
FN Ext ext_sub(Ext a, Ext b) {
  return ext(fp_sub(a.c[0], b.c[0]), fp_sub(a.c[1], b.c[1]), fp_sub(a.c[2], b.c[2]), fp_sub(a.c[3], b.c[3]));
}
FN Ext ext_scale(Ext a, Fp b) {
  return ext(fp_mul(a.c[0], b), fp_mul(a.c[1], b), fp_mul(a.c[2], b), fp_mul(a.c[3], b));
}
FN Ext ext_add_fp(Ext a, Fp b) { return ext(fp_add(a.c[0], b), a.c[1], a.c[2], a.c[3]); }

// Four products stay below 4 p^2 < 2 R p: one reduction serves them all.
FN Fp ext_dot4(Ext a, Fp b0, Fp b1, Fp b2, Fp b3) {
  return fp_reduce_wide(fp_product(a.c[0], b0) + fp_product(a.c[1], b1) + fp_product(a.c[2], b2) +
                        fp_product(a.c[3], b3));
}
FN Ext ext_mul(Ext a, Ext b) {
  const Fp w = fp_word(EXT_W);
  const Fp b1 = fp_mul(b.c[1], w), b2 = fp_mul(b.c[2], w), b3 = fp_mul(b.c[3], w);
  return ext(ext_dot4(a, b.c[0], b3, b2, b1), ext_dot4(a, b.c[1], b.c[0], b3, b2),
             ext_dot4(a, b.c[2], b.c[1], b.c[0], b3), ext_dot4(a, b.c[3], b.c[2], b.c[1], b.c[0]));
}

// Elements lie 16-byte aligned; `p` points to the first of the four words.
FN Ext ext_load(DEVICE const u32* p) {
  const U4 words = gpu_load4(p);
  return ext_words(words.x, words.y, words.z, words.w);
}
FN void ext_store(DEVICE u32* p, Ext a) { gpu_store4(p, gpu_u4(a.c[0].v, a.c[1].v, a.c[2].v, a.c[3].v)); }

#endif
