// The dialect as CUDA C++, for nvcc and for NVRTC.
#ifndef OPENSWIRL_DIALECT_CUDA_H
#define OPENSWIRL_DIALECT_CUDA_H

typedef unsigned int u32;
typedef unsigned long long u64;
typedef uint4 U4;

#define DEVICE
#define CONSTANT const
#define THREADGROUP
#define THREAD
#define FN [[maybe_unused]] static __device__ __forceinline__
#define TABLE(type, name, count) static __constant__ const type name[count]
#define UNROLL _Pragma("unroll")
#define ROLLED _Pragma("unroll 1")

// Groups of 64 threads hide latency by their number: sixteen of them on a multiprocessor leave a thread 64
// registers.
#define KERNEL(name, group, ...) \
  extern "C" __global__ void __launch_bounds__(group, (group) == 64 ? 16 : 0) name(__VA_ARGS__)
#define BUF(index, declaration) declaration
#define ARGS(index, type, name) const __grid_constant__ type name
#define SHARED(type, name, count) __shared__ __align__(16) type name[count]

FN uint3 gpu_grid_position() {
  return make_uint3(blockIdx.x * blockDim.x + threadIdx.x, blockIdx.y * blockDim.y + threadIdx.y,
                    blockIdx.z * blockDim.z + threadIdx.z);
}
FN u32 gpu_flat_thread() { return (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x; }
#define gpu_gid (gpu_grid_position())
#define gpu_tid threadIdx
#define gpu_bid blockIdx
#define gpu_tgs blockDim
#define gpu_ntg gridDim
#define gpu_lane (gpu_flat_thread() & 31u)
#define gpu_simd (gpu_flat_thread() >> 5)

// __syncthreads orders both memories; the emulator holds the text to what each name says.
FN void gpu_barrier_threadgroup() { __syncthreads(); }
FN void gpu_barrier_device() { __syncthreads(); }

FN U4 gpu_u4(u32 x, u32 y, u32 z, u32 w) { return make_uint4(x, y, z, w); }
FN u32 gpu_load(DEVICE const u32* p) { return *p; }
FN u64 gpu_load(DEVICE const u64* p) { return *p; }
FN U4 gpu_load4(DEVICE const u32* p) { return *reinterpret_cast<DEVICE const U4*>(p); }
FN void gpu_store(DEVICE u32* p, u32 value) { *p = value; }
FN void gpu_store4(DEVICE u32* p, U4 value) { *reinterpret_cast<DEVICE U4*>(p) = value; }
FN DEVICE const u32* gpu_address(u64 address) { return reinterpret_cast<DEVICE const u32*>(address); }
FN DEVICE u32* gpu_address_mut(u64 address) { return reinterpret_cast<DEVICE u32*>(address); }

FN void gpu_atomic_min(DEVICE u32* p, u32 value) { atomicMin(p, value); }
FN void gpu_atomic_add(DEVICE u32* p, u32 value) { atomicAdd(p, value); }
FN u32 gpu_atomic_load(DEVICE u32* p) { return *const_cast<volatile u32*>(p); }

FN u32 gpu_mulhi(u32 a, u32 b) { return __umulhi(a, b); }
FN u64 gpu_product_signed(u32 a, u32 b) { return (u64)((long long)(int)a * (int)b); }
FN u32 gpu_mulhi_signed(u32 a, u32 b) { return (u32)__mulhi((int)a, (int)b); }
FN u32 gpu_min(u32 a, u32 b) { return umin(a, b); }
FN u32 gpu_reverse_bits(u32 a) { return __brev(a); }
FN u32 gpu_shuffle(u32 value, u32 lane) { return __shfl_sync(0xffffffffu, value, lane); }
FN u32 gpu_shuffle_xor(u32 value, u32 mask) { return __shfl_xor_sync(0xffffffffu, value, mask); }
FN u32 gpu_shuffle_down(u32 value, u32 delta) { return __shfl_down_sync(0xffffffffu, value, delta); }

#define GPU_COUNT(operation)

#endif
