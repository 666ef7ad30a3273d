// refused: no_double
#include "ext.h"
struct RefusedArgs {
  u32 n;
};
KERNEL(k, 64, BUF(0, DEVICE u32* x), ARGS(1, RefusedArgs, args)) {
  double d = args.n;
  gpu_store(x, (u32)d);
}
