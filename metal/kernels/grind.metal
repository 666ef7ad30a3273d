// Proof of work (protocol part 01, 6.3): the smallest canonical witness of a range.
#include "poseidon2.h"
#include "grind_args.h"

// `smallest` starts as 0xffffffff and ends as the smallest witness of [first, first + count), if there is one.
// Groups that start once a smaller one is known have nothing to do.
template <u32 FORM>
FN void grind_one(DEVICE u32* smallest, CONSTANT GrindArgs& args, u32 index) {
  if (index >= args.count) return;
  const u32 witness = args.first + index;
  if (gpu_atomic_load(smallest) < witness) return;
  const Fp candidate = fp_from_canonical(witness);
  Fp s[16];
  UNROLL for (u32 i = 0; i < 16; ++i) {
    s[i] = fp_word(args.state[i]);
    // A constant index in every statement keeps the state in registers.
    if (i == args.position) s[i] = candidate;
  }
  poseidon2<FORM>(s);
  if ((fp_to_canonical(s[7]) & args.mask) == 0) gpu_atomic_min(smallest, witness);
}

KERNEL(grind_multiply, 128, BUF(0, DEVICE u32* smallest), ARGS(1, GrindArgs, args)) {
  grind_one<POSEIDON2_MULTIPLY>(smallest, args, gpu_gid.x);
}

KERNEL(grind_shift, 128, BUF(0, DEVICE u32* smallest), ARGS(1, GrindArgs, args)) {
  grind_one<POSEIDON2_SHIFT>(smallest, args, gpu_gid.x);
}
