// refused: member function
#include "ext.h"
struct RefusedArgs {
  u32 n;
};
struct S {
  u32 v;
  u32 get() const { return v; }
};
KERNEL(k, 64, BUF(0, DEVICE u32* x), ARGS(1, RefusedArgs, args)) {
  S s;
  s.v = args.n;
  gpu_store(x, s.get());
}
