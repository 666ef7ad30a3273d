// refused: recursion through
#include "ext.h"
struct RefusedArgs {
  u32 n;
};
FN u32 f(u32 n) { return n < 2 ? n : f(n - 1); }
KERNEL(k, 64, BUF(0, DEVICE u32* x), ARGS(1, RefusedArgs, args)) { gpu_store(x, f(args.n)); }
