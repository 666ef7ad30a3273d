// refused: C++17
#include "ext.h"
struct RefusedArgs {
  u32 n;
};
template <u32 N>
FN u32 f() {
  if constexpr (N > 1) return 2;
  return 1;
}
KERNEL(k, 64, BUF(0, DEVICE u32* x), ARGS(1, RefusedArgs, args)) { gpu_store(x, f<2>() + args.n); }
