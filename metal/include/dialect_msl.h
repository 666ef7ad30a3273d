// The dialect as Metal Shading Language. GPU_LINT is the type check with clang, which has no automatic
// variables in an address space.
#ifndef OPENSWIRL_DIALECT_MSL_H
#define OPENSWIRL_DIALECT_MSL_H

#include <metal_stdlib>
using namespace metal;

typedef uint u32;
typedef ulong u64;
typedef uint4 U4;

// Upper case: macros called `device` or `thread` would break the headers of the other targets.
#define DEVICE device
#define CONSTANT constant
#define THREADGROUP threadgroup
#define THREAD thread
#define FN inline __attribute__((always_inline))
#define TABLE(type, name, count) constant type name[count]
#define UNROLL _Pragma("unroll")
#define ROLLED _Pragma("clang loop unroll(disable)")

#define KERNEL(name, group, ...) \
  [[kernel, max_total_threads_per_threadgroup(group)]] void name(__VA_ARGS__, GPU_BUILTINS)
#define BUF(index, declaration) declaration [[buffer(index)]]
#define ARGS(index, type, name) constant type& name [[buffer(index)]]
#define GPU_BUILTINS                                                                                \
  uint3 gpu_gid [[thread_position_in_grid]], uint3 gpu_tid [[thread_position_in_threadgroup]],      \
      uint3 gpu_bid [[threadgroup_position_in_grid]], uint3 gpu_tgs [[threads_per_threadgroup]],    \
      uint3 gpu_ntg [[threadgroups_per_grid]], u32 gpu_lane [[thread_index_in_simdgroup]],          \
      u32 gpu_simd [[simdgroup_index_in_threadgroup]]
#ifdef GPU_LINT
#define SHARED(type, name, count) (void)gpu_tid.x; static threadgroup type name[count]
#else
#define SHARED(type, name, count) threadgroup type name[count]
#endif

FN void gpu_barrier_threadgroup() { threadgroup_barrier(mem_flags::mem_threadgroup); }
FN void gpu_barrier_device() { threadgroup_barrier(mem_flags::mem_threadgroup | mem_flags::mem_device); }

FN U4 gpu_u4(u32 x, u32 y, u32 z, u32 w) {
  U4 result;
  result.x = x;
  result.y = y;
  result.z = z;
  result.w = w;
  return result;
}
FN u32 gpu_load(DEVICE const u32* p) { return *p; }
FN u64 gpu_load(DEVICE const u64* p) { return *p; }
FN U4 gpu_load4(DEVICE const u32* p) { return *reinterpret_cast<DEVICE const U4*>(p); }
FN void gpu_store(DEVICE u32* p, u32 value) { *p = value; }
FN void gpu_store4(DEVICE u32* p, U4 value) { *reinterpret_cast<DEVICE U4*>(p) = value; }
FN DEVICE const u32* gpu_address(u64 address) { return reinterpret_cast<DEVICE const u32*>(address); }
FN DEVICE u32* gpu_address_mut(u64 address) { return reinterpret_cast<DEVICE u32*>(address); }

FN void gpu_atomic_min(DEVICE u32* p, u32 value) {
  atomic_fetch_min_explicit(reinterpret_cast<DEVICE atomic_uint*>(p), value, memory_order_relaxed);
}
FN void gpu_atomic_add(DEVICE u32* p, u32 value) {
  atomic_fetch_add_explicit(reinterpret_cast<DEVICE atomic_uint*>(p), value, memory_order_relaxed);
}
FN u32 gpu_atomic_load(DEVICE u32* p) {
  return atomic_load_explicit(reinterpret_cast<DEVICE atomic_uint*>(p), memory_order_relaxed);
}

FN u32 gpu_mulhi(u32 a, u32 b) { return mulhi(a, b); }
FN u64 gpu_product_signed(u32 a, u32 b) { return u64(long(int(a)) * long(int(b))); }
FN u32 gpu_mulhi_signed(u32 a, u32 b) { return u32(mulhi(int(a), int(b))); }
FN u32 gpu_min(u32 a, u32 b) { return min(a, b); }
FN u32 gpu_reverse_bits(u32 a) { return reverse_bits(a); }
FN u32 gpu_shuffle(u32 value, u32 lane) { return simd_shuffle(value, ushort(lane)); }
FN u32 gpu_shuffle_xor(u32 value, u32 mask) { return simd_shuffle_xor(value, ushort(mask)); }
FN u32 gpu_shuffle_down(u32 value, u32 delta) { return simd_shuffle_down(value, ushort(delta)); }

#define GPU_COUNT(operation)

#endif
