// refused: cannot initialize a variable of type
#include "ext.h"
struct RefusedArgs {
  u32 n;
};
KERNEL(k, 64, BUF(0, DEVICE u32* x), ARGS(1, RefusedArgs, args)) {
  THREADGROUP u32* p = x;
  p[0] = args.n;
}
