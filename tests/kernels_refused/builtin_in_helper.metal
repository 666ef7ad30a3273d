// refused: gpu_tid
#include "ext.h"
struct RefusedArgs {
  u32 n;
};
FN u32 f() { return gpu_tid.x; }
KERNEL(k, 64, BUF(0, DEVICE u32* x), ARGS(1, RefusedArgs, args)) { gpu_store(x, f() + args.n); }
