// refused: no_virtual
#include "ext.h"
struct RefusedArgs {
  u32 n;
};
struct S {
  virtual u32 f();
};
KERNEL(k, 64, BUF(0, DEVICE u32* x), ARGS(1, RefusedArgs, args)) { gpu_store(x, args.n); }
