// refused: device memory without gpu_load
#include "ext.h"
struct RefusedArgs {
  u32 n;
};
KERNEL(k, 64, BUF(0, DEVICE u32* x), ARGS(1, RefusedArgs, args)) { x[args.n] = 1; }
