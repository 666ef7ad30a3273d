// refused: function pointer
#include "ext.h"
struct RefusedArgs {
  u32 n;
};
FN u32 g(u32 v) { return v; }
KERNEL(k, 64, BUF(0, DEVICE u32* x), ARGS(1, RefusedArgs, args)) {
  u32 (*f)(u32) = g;
  gpu_store(x, f(args.n));
}
