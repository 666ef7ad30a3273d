// The dialect as host C++: what a kernel text sees under the emulator. Every access to device memory, every
// barrier and every shuffle goes through here and is checked; the rest is plain C++.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sim/checks.h"

typedef unsigned int u32;
typedef unsigned long long u64;
struct U4 {
  u32 x, y, z, w;
};

#define DEVICE
#define CONSTANT const
#define THREADGROUP
#define THREAD
#define FN static inline
#define TABLE(type, name, count) static const type name[count]
#define UNROLL
#define ROLLED

#define KERNEL(name, group, ...) static void name(__VA_ARGS__)
#define BUF(index, declaration) declaration
#define ARGS(index, type, name) const type& name
#define SHARED(type, name, count)   \
  static const char name##_key = 0; \
  type* const name = static_cast<type*>(openswirl::sim::shared_array(&name##_key, sizeof(type) * (count)))

#define gpu_gid (openswirl::sim::current->gid)
#define gpu_tid (openswirl::sim::current->tid)
#define gpu_bid (openswirl::sim::current->bid)
#define gpu_tgs (openswirl::sim::current->tgs)
#define gpu_ntg (openswirl::sim::current->ntg)
#define gpu_lane (openswirl::sim::current->lane)
#define gpu_simd (openswirl::sim::current->simd)

#define gpu_barrier_threadgroup() openswirl::sim::barrier(false, __FILE__, __LINE__)
#define gpu_barrier_device() openswirl::sim::barrier(true, __FILE__, __LINE__)
#define gpu_shuffle(value, source) openswirl::sim::shuffle((value), (source), false, __FILE__, __LINE__)
#define gpu_shuffle_xor(value, mask) \
  openswirl::sim::shuffle((value), gpu_lane ^ (mask), false, __FILE__, __LINE__)
#define gpu_shuffle_down(value, delta) \
  openswirl::sim::shuffle((value), gpu_lane + (delta), true, __FILE__, __LINE__)

#define GPU_COUNT(operation) (void)++openswirl::sim::counts.operation
// The line of the caller, as a default argument.
#define GPU_CALLER const char *file = __builtin_FILE(), int line = __builtin_LINE()

FN U4 gpu_u4(u32 x, u32 y, u32 z, u32 w) { return {x, y, z, w}; }
FN u32 gpu_load(const u32* p, GPU_CALLER) {
  openswirl::sim::touch(p, 1, openswirl::sim::Touch::kRead, file, line);
  return *p;
}
FN u64 gpu_load(const u64* p, GPU_CALLER) {
  openswirl::sim::touch(p, 2, openswirl::sim::Touch::kRead, file, line);
  return *p;
}
FN U4 gpu_load4(const u32* p, GPU_CALLER) {
  openswirl::sim::touch(p, 4, openswirl::sim::Touch::kRead, file, line);
  return {p[0], p[1], p[2], p[3]};
}
FN void gpu_store(u32* p, u32 value, GPU_CALLER) {
  openswirl::sim::touch(p, 1, openswirl::sim::Touch::kWrite, file, line);
  *p = value;
}
FN void gpu_store4(u32* p, U4 value, GPU_CALLER) {
  openswirl::sim::touch(p, 4, openswirl::sim::Touch::kWrite, file, line);
  p[0] = value.x, p[1] = value.y, p[2] = value.z, p[3] = value.w;
}
FN const u32* gpu_address(u64 address) { return reinterpret_cast<const u32*>(address); }
FN u32* gpu_address_mut(u64 address) { return reinterpret_cast<u32*>(address); }

FN void gpu_atomic_min(u32* p, u32 value, GPU_CALLER) {
  openswirl::sim::touch(p, 1, openswirl::sim::Touch::kAtomic, file, line);
  u32 known = __atomic_load_n(p, __ATOMIC_RELAXED);
  while (value < known &&
         !__atomic_compare_exchange_n(p, &known, value, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
  }
}
FN void gpu_atomic_add(u32* p, u32 value, GPU_CALLER) {
  openswirl::sim::touch(p, 1, openswirl::sim::Touch::kAtomic, file, line);
  __atomic_fetch_add(p, value, __ATOMIC_RELAXED);
}
FN u32 gpu_atomic_load(u32* p, GPU_CALLER) {
  openswirl::sim::touch(p, 1, openswirl::sim::Touch::kAtomic, file, line);
  return __atomic_load_n(p, __ATOMIC_RELAXED);
}

FN u32 gpu_mulhi(u32 a, u32 b) { return static_cast<u32>((static_cast<u64>(a) * b) >> 32); }
FN u64 gpu_product_signed(u32 a, u32 b) {
  return static_cast<u64>(static_cast<int64_t>(static_cast<int32_t>(a)) * static_cast<int32_t>(b));
}
FN u32 gpu_mulhi_signed(u32 a, u32 b) { return static_cast<u32>(gpu_product_signed(a, b) >> 32); }
FN u32 gpu_min(u32 a, u32 b) { return a < b ? a : b; }
FN u32 gpu_reverse_bits(u32 a) {
  u32 result = 0;
  for (int i = 0; i < 32; ++i) result |= ((a >> i) & 1u) << (31 - i);
  return result;
}
