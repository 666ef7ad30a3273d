// refused: no matching function for call
#include "ext.h"
struct RefusedArgs {
  u32 n;
};
KERNEL(k, 64, BUF(0, DEVICE u32* x), ARGS(1, RefusedArgs, args)) {
  u64 v = args.n;
  v = simd_shuffle_xor(v, ushort(1));
  gpu_store(x, (u32)v);
}
