// refused: 64-bit integers are called u64
#include "ext.h"
struct RefusedArgs {
  u32 n;
};
KERNEL(k, 64, BUF(0, DEVICE u32* x), ARGS(1, RefusedArgs, args)) {
  unsigned long long v = args.n;
  gpu_store(x, (u32)v);
}
