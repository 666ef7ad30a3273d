// refused: more than 32768
#include "ext.h"
struct RefusedArgs {
  u32 n;
};
KERNEL(k, 64, BUF(0, DEVICE u32* x), ARGS(1, RefusedArgs, args)) {
  SHARED(u32, tile, 8192 + 1);
  tile[gpu_tid.x] = args.n;
  gpu_barrier_threadgroup();
  gpu_store(x, tile[0]);
}
