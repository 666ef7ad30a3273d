// refused: which no GPU has
#include "ext.h"
struct RefusedArgs {
  u32 n;
};
#include <vector>
KERNEL(k, 64, BUF(0, DEVICE u32* x), ARGS(1, RefusedArgs, args)) { gpu_store(x, args.n); }
