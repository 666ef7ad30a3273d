// Copies and fills of whole words, for runtimes whose own copies would leave the encoder of the kernels.
#include "dialect.h"
#include "memory_args.h"

KERNEL(memory_fill, 256, BUF(0, DEVICE u32* to), ARGS(1, MemoryFillArgs, args)) {
  if (gpu_gid.x < args.words) gpu_store(to + gpu_gid.x, args.value);
}

KERNEL(memory_copy, 256, BUF(0, DEVICE const u32* from), BUF(1, DEVICE u32* to), ARGS(2, MemoryCopyArgs, args)) {
  if (gpu_gid.x < args.words) gpu_store(to + gpu_gid.x, gpu_load(from + gpu_gid.x));
}
