// refused: gpu_tid
#include "ext.h"
struct RefusedArgs {
  u32 n;
};
FN u32 f(u32 i) {
  SHARED(u32, tile, 64);
  tile[i] = i;
  return tile[0];
}
KERNEL(k, 64, BUF(0, DEVICE u32* x), ARGS(1, RefusedArgs, args)) { gpu_store(x, f(args.n)); }
