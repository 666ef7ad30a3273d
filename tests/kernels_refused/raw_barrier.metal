// refused: go around the dialect
#include "ext.h"
struct RefusedArgs {
  u32 n;
};
KERNEL(k, 64, BUF(0, DEVICE u32* x), ARGS(1, RefusedArgs, args)) {
  threadgroup_barrier(mem_flags::mem_none);
  gpu_store(x, args.n);
}
