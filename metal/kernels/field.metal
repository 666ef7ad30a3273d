// Known answers of the arithmetic that every other kernel is made of; run by the device's self-test.
#include "ext.h"
#include "poseidon2.h"
#include "field_args.h"

// Per pair (a, b) of base elements: a + b, a - b, a b, a / 2, a b by a factor known beforehand, a^7,
// canonical(a), Montgomery(canonical(a)).
KERNEL(field_base, 64, BUF(0, DEVICE const u32* pairs), BUF(1, DEVICE const u64* factors),
       BUF(2, DEVICE u32* results), ARGS(3, FieldArgs, args)) {
  const u32 i = gpu_gid.x;
  if (i >= args.count) return;
  const Fp a = fp_load(pairs + 2u * i), b = fp_load(pairs + 2u * i + 1u);
  DEVICE u32* out = results + 8u * i;
  fp_store(out, fp_add(a, b));
  fp_store(out + 1, fp_sub(a, b));
  fp_store(out + 2, fp_mul(a, b));
  fp_store(out + 3, fp_halve(a));
  fp_store(out + 4, fp_mul_factor(a, fp_load_factor(factors + i)));
  fp_store(out + 5, fp_pow7(a));
  gpu_store(out + 6, fp_to_canonical(a));
  fp_store(out + 7, fp_from_canonical(fp_to_canonical(a)));
}

// Per pair (a, b) of extension elements: a + b, a - b, a b, a scaled by the first coefficient of b.
KERNEL(field_ext, 64, BUF(0, DEVICE const u32* pairs), BUF(1, DEVICE u32* results), ARGS(2, FieldArgs, args)) {
  const u32 i = gpu_gid.x;
  if (i >= args.count) return;
  const Ext a = ext_load(pairs + 8u * i), b = ext_load(pairs + 8u * i + 4u);
  DEVICE u32* out = results + 16u * i;
  ext_store(out, ext_add(a, b));
  ext_store(out + 4, ext_sub(a, b));
  ext_store(out + 8, ext_mul(a, b));
  ext_store(out + 12, ext_scale(a, b.c[0]));
}

// States of 16 words, permuted in place.
template <u32 FORM>
FN void field_permute(DEVICE u32* state) {
  Fp s[16];
  digest_load(state, s);
  digest_load(state + 8, s + 8);
  poseidon2<FORM>(s);
  digest_store(state, s);
  digest_store(state + 8, s + 8);
}

KERNEL(field_permute_multiply, 64, BUF(0, DEVICE u32* states), ARGS(1, FieldArgs, args)) {
  if (gpu_gid.x < args.count) field_permute<POSEIDON2_MULTIPLY>(states + 16u * gpu_gid.x);
}

KERNEL(field_permute_shift, 64, BUF(0, DEVICE u32* states), ARGS(1, FieldArgs, args)) {
  if (gpu_gid.x < args.count) field_permute<POSEIDON2_SHIFT>(states + 16u * gpu_gid.x);
}
