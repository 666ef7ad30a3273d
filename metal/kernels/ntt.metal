// Reed-Solomon encoding (protocol part 03, 7): block messages, and a DFT of natural order in one, two or three
// passes, each of transforms that fit threadgroup memory. Bit reversal happens inside a tile, at no cost.
#include "root_powers.h"
#include "ntt_args.h"

#define NTT_LOG_TILE 12 /* words of a tile: 16 KiB */

// Decimation in time on a tile of 2^log_size elements times 2^log_lanes lanes, from layer `first` on: elements
// come in bit-reversed order and leave in natural order. roots: factors w^j, j < 2^11, w of order 2^12.
FN void ntt_tile(THREADGROUP u32* tile, DEVICE const u32* roots, u32 log_size, u32 log_lanes, u32 first,
                 u32 thread_index, u32 threads) {
  const u32 butterflies = 1u << (log_size + log_lanes - 1u), lane_mask = (1u << log_lanes) - 1u;
  for (u32 layer = first; layer < log_size; ++layer) {
    for (u32 b = thread_index; b < butterflies; b += threads) {
      const u32 lane = b & lane_mask, index = b >> log_lanes, j = index & ((1u << layer) - 1u);
      const u32 low = ((((index >> layer) << (layer + 1u)) | j) << log_lanes) | lane;
      const u32 high = low + (1u << (layer + log_lanes));
      const FpFactor root = fp_load_factor(roots + 2u * (j << (NTT_LOG_TILE - 1u - layer)));
      const Fp a = fp_word(tile[low]), c = fp_mul_factor(fp_word(tile[high]), root);
      tile[low] = fp_add(a, c).v;
      tile[high] = fp_sub(a, c).v;
    }
    gpu_barrier_threadgroup();
  }
}

KERNEL(ntt_pass, 256, BUF(0, DEVICE const u32* in), BUF(1, DEVICE u32* out), BUF(2, DEVICE const u32* roots),
       BUF(3, DEVICE const u32* powers), ARGS(4, NttPassArgs, args)) {
  SHARED(u32, tile, 4096);
  const u32 log_lanes = args.log_tile_lanes, lanes = 1u << log_lanes, size = 1u << args.log_size;
  const u32 log_tiles = args.log_lanes - log_lanes;
  const u32 first_lane = (gpu_bid.x & ((1u << log_tiles) - 1u)) << log_lanes, outer = gpu_bid.x >> log_tiles;
  DEVICE const u32* source = in + gpu_bid.y * args.in_pitch + ((u64)outer << args.in_outer);
  DEVICE u32* target = out + gpu_bid.y * args.out_pitch + ((u64)outer << args.out_outer);

  // Threads run along whichever of elements and lanes lies close in memory.
  const u32 copies = 1u << args.log_zero, filled = (size >> args.log_zero) << log_lanes;
  const u32 log_filled = args.log_size - args.log_zero;
  for (u32 i = gpu_tid.x; i < filled; i += gpu_tgs.x) {
    const bool along_lanes = args.in_lane == 0;
    const u32 lane = along_lanes ? i & (lanes - 1u) : i >> log_filled;
    const u32 element = along_lanes ? i >> log_lanes : i & ((1u << log_filled) - 1u);
    const u32 word =
        gpu_load(source + ((u64)element << args.in_element) + ((u64)(first_lane + lane) << args.in_lane));
    // log_size is at least 1, or there is one element and nothing to reverse.
    const u32 reversed = args.log_size == 0 ? 0u : gpu_reverse_bits(element) >> (32u - args.log_size);
    for (u32 c = 0; c < copies; ++c) tile[((reversed + c) << log_lanes) + lane] = word;
  }
  gpu_barrier_threadgroup();
  if (args.log_size > 0) ntt_tile(tile, roots, args.log_size, log_lanes, args.log_zero, gpu_tid.x, gpu_tgs.x);

  for (u32 i = gpu_tid.x; i < size << log_lanes; i += gpu_tgs.x) {
    const bool along_lanes = args.out_lane == 0;
    const u32 lane = along_lanes ? i & (lanes - 1u) : i >> args.log_size;
    const u32 element = along_lanes ? i >> log_lanes : i & (size - 1u);
    Fp value = fp_word(tile[(element << log_lanes) + lane]);
    if (args.twiddles != 0) {
      value = fp_mul(value, root_power(powers, (element * (first_lane + lane)) << args.twiddle_shift));
    }
    fp_store(target + ((u64)element << args.out_element) + ((u64)(first_lane + lane) << args.out_lane), value);
  }
}

// Values on D to message entries, per block of 2^log_block: inverse DFT, then sums over the submasks of every
// index. A group transforms a tile of blocks; inverse roots are the roots read backwards.
KERNEL(ntt_block_messages, 256, BUF(0, DEVICE const u32* in), BUF(1, DEVICE u32* out),
       BUF(2, DEVICE const u32* roots), ARGS(3, BlockMessagesArgs, args)) {
  SHARED(u32, tile, 4096);
  const u32 log_tile = gpu_min(args.log_height, NTT_LOG_TILE), size = 1u << log_tile, block = 1u << args.log_block;
  DEVICE const u32* source = in + gpu_bid.y * args.in_pitch + ((u64)gpu_bid.x << log_tile);
  DEVICE u32* target = out + gpu_bid.y * args.out_pitch + ((u64)gpu_bid.x << log_tile);
  for (u32 i = gpu_tid.x; i < size; i += gpu_tgs.x) {
    const u32 index = i & (block - 1u);
    const u32 reversed = args.log_block == 0 ? 0u : gpu_reverse_bits(index) >> (32u - args.log_block);
    tile[(i - index) + reversed] = gpu_load(source + i);
  }
  gpu_barrier_threadgroup();
  for (u32 layer = 0; layer < args.log_block; ++layer) {
    for (u32 b = gpu_tid.x; b < size / 2u; b += gpu_tgs.x) {
      const u32 j = b & ((1u << layer) - 1u), low = ((b >> layer) << (layer + 1u)) | j, high = low + (1u << layer);
      // w^-j = -w^(half - j) for a root of order 2 half.
      const u32 half = 1u << layer, step = 1u << (NTT_LOG_TILE - 1u - layer);
      const Fp a = fp_word(tile[low]);
      Fp c = fp_word(tile[high]);
      if (j != 0) c = fp_sub(fp_zero(), fp_mul_factor(c, fp_load_factor(roots + 2u * ((half - j) * step))));
      tile[low] = fp_add(a, c).v;
      tile[high] = fp_sub(a, c).v;
    }
    gpu_barrier_threadgroup();
  }
  for (u32 layer = 0; layer < args.log_block; ++layer) {
    for (u32 b = gpu_tid.x; b < size / 2u; b += gpu_tgs.x) {
      const u32 low = ((b >> layer) << (layer + 1u)) | (b & ((1u << layer) - 1u)), high = low + (1u << layer);
      tile[high] = fp_add(fp_word(tile[high]), fp_word(tile[low])).v;
    }
    gpu_barrier_threadgroup();
  }
  for (u32 i = gpu_tid.x; i < size; i += gpu_tgs.x) {
    fp_store(target + i, fp_mul(fp_word(tile[i]), fp_word(args.inverse_count)));
  }
}
