// refused: lambda
#include "ext.h"
struct RefusedArgs {
  u32 n;
};
KERNEL(k, 64, BUF(0, DEVICE u32* x), ARGS(1, RefusedArgs, args)) {
  auto f = [](u32 v) { return v + 1; };
  gpu_store(x, f(args.n));
}
