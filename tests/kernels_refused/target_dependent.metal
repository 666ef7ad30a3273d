// refused: must not know its target
#include "ext.h"
struct RefusedArgs {
  u32 n;
};
#ifdef __METAL_VERSION__
#endif
KERNEL(k, 64, BUF(0, DEVICE u32* x), ARGS(1, RefusedArgs, args)) { gpu_store(x, args.n); }
