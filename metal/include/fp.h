// BabyBear, p = 2^31 - 2^27 + 1: one reduced Montgomery word (R = 2^32) per element, as on the host
// (protocol part 01, 1). Plain structs and free functions by value, so that no address space is copied across.
#ifndef OPENSWIRL_FP_H
#define OPENSWIRL_FP_H

#include "dialect.h"

#define FP_MODULUS 0x78000001u
#define FP_INVERSE_MOD_R 0x88000001u /* p^-1 mod 2^32 */
#define FP_R2 0x45dddde3u            /* R^2 mod p, enters Montgomery form */
#define FP_ONE 0x0ffffffeu

struct Fp {
  u32 v;
};

FN Fp fp_word(u32 word) {
  Fp result;
  result.v = word;
  return result;
}
FN Fp fp_zero() { return fp_word(0u); }
FN Fp fp_one() { return fp_word(FP_ONE); }

// A wrapped value is huge, so the minimum picks the representative below p without a branch.
FN Fp fp_add(Fp a, Fp b) {
  GPU_COUNT(additions);
  const u32 sum = a.v + b.v;
  return fp_word(gpu_min(sum, sum - FP_MODULUS));
}
FN Fp fp_sub(Fp a, Fp b) {
  GPU_COUNT(additions);
  const u32 difference = a.v - b.v;
  return fp_word(gpu_min(difference, difference + FP_MODULUS));
}
FN Fp fp_double(Fp a) { return fp_add(a, a); }
FN Fp fp_halve(Fp a) {
  GPU_COUNT(additions);
  GPU_COUNT(shifts);
  return fp_word((a.v >> 1) + (((FP_MODULUS + 1u) >> 1) & (0u - (a.v & 1u))));
}

// Montgomery reduction of value < R p.
FN Fp fp_reduce(u64 value) {
  GPU_COUNT(reductions);
  const u32 m = (u32)value * FP_INVERSE_MOD_R;
  const u32 difference = (u32)(value >> 32) - gpu_mulhi(m, FP_MODULUS);
  return fp_word(gpu_min(difference, difference + FP_MODULUS));
}
// The same of value < 2 R p, as a sum of up to four products is.
FN Fp fp_reduce_wide(u64 value) {
  GPU_COUNT(reductions);
  const u32 m = (u32)value * FP_INVERSE_MOD_R, high = (u32)(value >> 32);
  const u32 difference = gpu_min(high, high - FP_MODULUS) - gpu_mulhi(m, FP_MODULUS);
  return fp_word(gpu_min(difference, difference + FP_MODULUS));
}
FN u64 fp_product(Fp a, Fp b) {
  GPU_COUNT(multiplications);
  return (u64)a.v * b.v;
}
FN Fp fp_mul(Fp a, Fp b) { return fp_reduce(fp_product(a, b)); }
FN Fp fp_from_canonical(u32 value) { return fp_mul(fp_word(value), fp_word(FP_R2)); }
FN u32 fp_to_canonical(Fp a) { return fp_reduce((u64)a.v).v; }

// A factor known beforehand, as two words: its canonical value w and floor(w 2^32 / p). Cheaper than fp_mul.
struct FpFactor {
  u32 value, quotient;
};
FN Fp fp_mul_factor(Fp a, FpFactor w) {
  GPU_COUNT(multiplications);
  GPU_COUNT(factor_multiplications);
  const u32 product = a.v * w.value - gpu_mulhi(a.v, w.quotient) * FP_MODULUS;
  return fp_word(gpu_min(product, product - FP_MODULUS));
}

// a b / R for a, b and the result in (-p, p), as two's complement: between products nothing is corrected.
FN u32 fp_mul_signed(u32 a, u32 b) {
  GPU_COUNT(multiplications);
  GPU_COUNT(reductions);
  const u64 product = gpu_product_signed(a, b);
  return (u32)(product >> 32) - gpu_mulhi_signed((u32)product * FP_INVERSE_MOD_R, FP_MODULUS);
}
FN Fp fp_pow7(Fp x) {
  const u32 x2 = fp_mul_signed(x.v, x.v), x3 = fp_mul_signed(x2, x.v), x4 = fp_mul_signed(x2, x2);
  const u32 x7 = fp_mul_signed(x3, x4);
  return fp_word(gpu_min(x7, x7 + FP_MODULUS));
}

FN Fp fp_load(DEVICE const u32* p) { return fp_word(gpu_load(p)); }
FN void fp_store(DEVICE u32* p, Fp a) { gpu_store(p, a.v); }
// A table has the value below the quotient.
FN FpFactor fp_load_factor(DEVICE const u64* p) {
  const u64 both = gpu_load(p);
  FpFactor result;
  result.value = (u32)both;
  result.quotient = (u32)(both >> 32);
  return result;
}

#endif
