// refused: cast to a pointer
#include "ext.h"
struct RefusedArgs {
  u32 n;
};
KERNEL(k, 64, BUF(0, DEVICE u32* x), ARGS(1, RefusedArgs, args)) {
  u32 y = args.n;
  gpu_store(x, *(THREAD u32*)&y);
}
