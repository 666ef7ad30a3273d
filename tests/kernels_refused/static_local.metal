// refused: static local
#include "ext.h"
struct RefusedArgs {
  u32 n;
};
KERNEL(k, 64, BUF(0, DEVICE u32* x), ARGS(1, RefusedArgs, args)) {
  static u32 n = 0;
  gpu_store(x, n + args.n);
}
