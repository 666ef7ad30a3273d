// refused: pointer or reference without an address space
#include "ext.h"
struct RefusedArgs {
  u32 n;
};
FN void f(u32& r) { r = 1; }
KERNEL(k, 64, BUF(0, DEVICE u32* x), ARGS(1, RefusedArgs, args)) {
  u32 y = args.n;
  f(y);
  gpu_store(x, y);
}
