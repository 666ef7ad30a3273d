// refused: 64 x 64 bit multiplication
#include "ext.h"
struct RefusedArgs {
  u32 n;
};
KERNEL(k, 64, BUF(0, DEVICE u32* x), ARGS(1, RefusedArgs, args)) {
  u64 a = args.n, b = a + 1;
  gpu_store(x, (u32)(a * b));
}
