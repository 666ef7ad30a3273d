// refused: no matching function for call
#include "ext.h"
struct RefusedArgs {
  u32 n;
};
FN void f(THREAD u32* p) { *p = 1; }
KERNEL(k, 64, BUF(0, DEVICE u32* x), ARGS(1, RefusedArgs, args)) {
  SHARED(u32, tile, 64);
  f(tile);
  gpu_store(x, tile[args.n]);
}
