// refused: no matching function for call
#include "ext.h"
struct RefusedArgs {
  u32 n;
};
FN u32 f(DEVICE const u32* p) { return gpu_load(p); }
KERNEL(k, 64, BUF(0, DEVICE u32* x), ARGS(1, RefusedArgs, args)) { gpu_store(x, f(&args.n)); }
