// Kernels that the emulator must refuse, each for one reason.
#include "fp.h"

#include "refused_args.h"

#define REFUSED(name) KERNEL(name, 64, BUF(0, DEVICE const u32* in), BUF(1, DEVICE u32* out), ARGS(2, RefusedArgs, args))

// Threads that return before a barrier of the others.
REFUSED(divergent_barrier) {
  SHARED(u32, tile, 64);
  if (gpu_tid.x >= args.n) return;
  tile[gpu_tid.x] = gpu_load(in + gpu_tid.x);
  gpu_barrier_threadgroup();
  gpu_store(out + gpu_tid.x, tile[args.n - 1u - gpu_tid.x]);
}

REFUSED(different_barriers) {
  SHARED(u32, tile, 64);
  tile[gpu_tid.x] = gpu_load(in + gpu_tid.x);
  if (gpu_tid.x < args.n) {
    gpu_barrier_threadgroup();
  } else {
    gpu_barrier_threadgroup();
  }
  gpu_store(out + gpu_tid.x, tile[63u - gpu_tid.x]);
}

// Right values in no more than one of the orders.
REFUSED(missing_barrier) {
  SHARED(u32, tile, 64);
  tile[gpu_tid.x] = gpu_load(in + gpu_tid.x);
  gpu_store(out + gpu_tid.x, tile[63u - gpu_tid.x]);
}

// An exchange through device memory that a threadgroup barrier does not order, and the same with the right one.
REFUSED(device_exchange) {
  gpu_store(out + 64u * gpu_bid.x + gpu_tid.x, gpu_tid.x);
  gpu_barrier_threadgroup();
  gpu_store(out + 64u * (gpu_ntg.x + gpu_bid.x) + gpu_tid.x, gpu_load(out + 64u * gpu_bid.x + 63u - gpu_tid.x));
}
REFUSED(ordered_exchange) {
  gpu_store(out + 64u * gpu_bid.x + gpu_tid.x, gpu_tid.x);
  gpu_barrier_device();
  gpu_store(out + 64u * (gpu_ntg.x + gpu_bid.x) + gpu_tid.x, gpu_load(out + 64u * gpu_bid.x + 63u - gpu_tid.x));
}

// Groups write one word, or read what another writes.
REFUSED(write_race) { gpu_store(out + gpu_tid.x, gpu_bid.x); }
REFUSED(read_race) {
  if (gpu_bid.x == 0u) gpu_store(out + gpu_tid.x, 1u);
  if (gpu_bid.x == 1u) gpu_store(out + 64u + gpu_tid.x, gpu_load(out + gpu_tid.x));
}

REFUSED(partial_shuffle) {
  u32 value = gpu_lane;
  if (gpu_lane < args.n) value = gpu_shuffle_xor(value, 1u);
  gpu_store(out + gpu_gid.x, value);
}
REFUSED(shuffle_from_nowhere) { gpu_store(out + gpu_gid.x, gpu_shuffle(gpu_lane, 32u + args.n)); }

REFUSED(beyond_the_end) { gpu_store(out + gpu_gid.x, gpu_load(in + gpu_gid.x + args.n)); }
REFUSED(writes_an_input) {
  gpu_store(const_cast<u32*>(in) + gpu_gid.x, 1u);
  gpu_store(out + gpu_gid.x, 1u);
}
REFUSED(misaligned) {
  const U4 four = gpu_load4(in + 1);
  gpu_store(out + gpu_gid.x, four.x);
}
REFUSED(too_much_shared) {
  SHARED(u32, tile, 65);
  tile[gpu_tid.x] = args.n;
  gpu_store(out + gpu_gid.x, tile[gpu_tid.x]);
}
