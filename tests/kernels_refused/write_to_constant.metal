// refused: const-qualified type
#include "ext.h"
struct RefusedArgs {
  u32 n;
};
KERNEL(k, 64, BUF(0, DEVICE u32* x), ARGS(1, RefusedArgs, args)) { args.n = 1; }
