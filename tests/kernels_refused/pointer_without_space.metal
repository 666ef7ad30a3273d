// refused: pointer or reference without an address space
#include "ext.h"
struct RefusedArgs {
  u32 n;
};
FN u32 f(u32* p) { return *p; }
KERNEL(k, 64, BUF(0, DEVICE u32* x), ARGS(1, RefusedArgs, args)) {
  u32 y = args.n;
  gpu_store(x, f(&y));
}
