// Reed-Solomon encoding (protocol part 03, 7): block messages, and a DFT of natural order in one, two or three
// passes, each of transforms that fit threadgroup memory. Bit reversal happens inside a tile, at no cost.
#include "block_message.h"
#include "root_powers.h"
#include "ntt_args.h"

#define NTT_LOG_TILE ROOTS_LOG /* words of a tile: 16 KiB */

// Where a word of a tile lies: spread so that strides of powers of two do not meet in one bank. Sums over words
// whose bits do not overlap are sums of places.
FN u32 ntt_place(u32 word) { return word + (word >> 5) + (word >> 9); }

// Layers of a decimation in time on a tile of 2^log_size elements times 2^log_lanes lanes: elements come in
// bit-reversed order and leave in natural order. roots: factors w^j, j < 2^11, w of order 2^12.
FN void ntt_tile(THREADGROUP u32* tile, DEVICE const u64* roots, u32 log_size, u32 log_lanes, u32 first, u32 end,
                 u32 thread_index, u32 threads) {
  const u32 butterflies = (1u << (log_size + log_lanes)) / 2u, lane_mask = (1u << log_lanes) - 1u;
  for (u32 layer = first; layer < end; ++layer) {
    for (u32 b = thread_index; b < butterflies; b += threads) {
      const u32 lane = b & lane_mask, index = b >> log_lanes, j = index & ((1u << layer) - 1u);
      const u32 low = ((((index >> layer) << (layer + 1u)) | j) << log_lanes) | lane;
      const u32 at = ntt_place(low), above = ntt_place(low + (1u << (layer + log_lanes)));
      const FpFactor root = fp_load_factor(roots + (j << (NTT_LOG_TILE - 1u - layer)));
      const Fp a = fp_word(tile[at]), c = fp_mul_factor(fp_word(tile[above]), root);
      tile[at] = fp_add(a, c).v;
      tile[above] = fp_sub(a, c).v;
    }
    gpu_barrier_threadgroup();
  }
}

// Layer LAYER of the four on the 16 elements that a thread holds; its 2^LAYER factors are 2^log_apart apart, and the
// first is one where ONE says so.
template <u32 LAYER, u32 ONE>
FN void ntt_layer(THREAD Fp* x, DEVICE const u64* roots, u32 log_apart) {
  UNROLL for (u32 k = 0; k < (1u << LAYER); ++k) {
    const bool one = ONE != 0 && k == 0;
    FpFactor root = {0u, 0u};
    if (!one) root = fp_load_factor(roots + (k << log_apart));
    UNROLL for (u32 i = k; i < 16; i += 2u << LAYER) {
      const Fp a = x[i], b = x[i + (1u << LAYER)], c = one ? b : fp_mul_factor(b, root);
      x[i] = fp_add(a, c);
      x[i + (1u << LAYER)] = fp_sub(a, c);
    }
  }
}

// A pass of at least 16 elements is done 16 at a time in registers: the first four layers as elements come in,
// the last four as they go out, those between on the tile.
FN void ntt_first_four(THREAD Fp* x, DEVICE const u64* roots, u32 log_zero) {
  if (log_zero > 0) {
    // The upper halves are zero, and nobody loads them.
    UNROLL for (u32 i = 0; i < 16; i += 2) x[i + 1] = x[i];
  } else {
    ntt_layer<0, 1>(x, roots, NTT_LOG_TILE - 1u);
  }
  ntt_layer<1, 1>(x, roots, NTT_LOG_TILE - 2u);
  ntt_layer<2, 1>(x, roots, NTT_LOG_TILE - 3u);
  ntt_layer<3, 1>(x, roots, NTT_LOG_TILE - 4u);
}
FN void ntt_put_16(THREADGROUP u32* tile, THREAD const Fp* x, u32 below, u32 lane, u32 log_below, u32 log_lanes) {
  const u32 reversed = log_below == 0 ? 0u : gpu_reverse_bits(below) >> (32u - log_below);
  const u32 place = ntt_place((reversed << (4u + log_lanes)) | lane);
  UNROLL for (u32 i = 0; i < 16; ++i) tile[place + ntt_place(i << log_lanes)] = x[i].v;
}

FN void ntt_first_layers(THREADGROUP u32* tile, DEVICE const u32* source, DEVICE const u64* roots,
                         CONSTANT NttPassArgs& args, u32 first_lane, u32 thread_index, u32 threads) {
  const u32 log_lanes = args.log_tile_lanes, log_below = args.log_size - 4u, items = 1u << (log_below + log_lanes);
  const u32 exist = 1u << (args.log_size - args.log_zero);
  // Threads run along whichever of elements and lanes lies close in memory.
  const bool along_lanes = args.in_lane == 0;
  for (u32 b = thread_index; b < items; b += threads) {
    const u32 lane = along_lanes ? b & ((1u << log_lanes) - 1u) : b >> log_below;
    const u32 below = along_lanes ? b >> log_lanes : b & ((1u << log_below) - 1u);
    DEVICE const u32* from =
        source + ((u64)below << args.in_element) + ((u64)(first_lane + lane) << args.in_lane);
    const u64 stride = (u64)1 << (log_below + args.in_element);
    Fp x[16];
    UNROLL for (u32 i = 0; i < 8; ++i) {
      x[reversed_in_16(i)] = (i << log_below) + below < exist ? fp_load(from) : fp_zero();
      from += stride;
    }
    if (args.log_zero == 0) {
      UNROLL for (u32 i = 8; i < 16; ++i) {
        x[reversed_in_16(i)] = fp_load(from);
        from += stride;
      }
    }
    ntt_first_four(x, roots, args.log_zero);
    ntt_put_16(tile, x, below, lane, log_below, log_lanes);
  }
}

// The same where the input is blocks of 16 values along the lanes, of which the tile holds 256: each becomes its
// message in the registers of a thread, but for a factor that is left to the twiddles, and the tile brings elements
// together.
FN void ntt_first_layers_of_values(THREADGROUP u32* tile, DEVICE const u32* source, DEVICE const u64* roots,
                                   CONSTANT NttPassArgs& args, u32 first_lane, u32 thread_index) {
  const u32 log_lanes = args.log_tile_lanes, log_blocks = log_lanes - 4u, log_below = args.log_size - 4u;
  const u32 exist = 1u << (args.log_size - args.log_zero), element = thread_index >> log_blocks;
  if (element < exist) {
    const u32 first = (thread_index & ((1u << log_blocks) - 1u)) << 4;
    Fp message[BLOCK];
    block_load(message, source + ((u64)element << args.in_element) + first_lane + first);
    block_message(message, roots);
    UNROLL for (u32 i = 0; i < BLOCK; ++i) tile[BLOCK_PITCH * thread_index + i] = message[i].v;
  }
  gpu_barrier_threadgroup();
  const u32 lane = thread_index & ((1u << log_lanes) - 1u), below = thread_index >> log_lanes;
  THREADGROUP const u32* from = tile + BLOCK_PITCH * ((below << log_blocks) | (lane >> 4)) + (lane & 15u);
  Fp x[16];
  UNROLL for (u32 i = 0; i < 8; ++i) {
    x[reversed_in_16(i)] = (i << log_below) + below < exist ? fp_word(from[BLOCK_PITCH * 16u * i]) : fp_zero();
  }
  if (args.log_zero == 0) {
    UNROLL for (u32 i = 8; i < 16; ++i) x[reversed_in_16(i)] = fp_word(from[BLOCK_PITCH * 16u * i]);
  }
  ntt_first_four(x, roots, args.log_zero);
  gpu_barrier_threadgroup();
  ntt_put_16(tile, x, below, lane, log_below, log_lanes);
}

FN void ntt_last_layers(THREADGROUP u32* tile, DEVICE u32* target, DEVICE const u64* roots,
                        DEVICE const u32* powers, CONSTANT NttPassArgs& args, u32 first_lane, u32 thread_index,
                        u32 threads) {
  const u32 log_lanes = args.log_tile_lanes, log_below = args.log_size - 4u, items = 1u << (log_below + log_lanes);
  for (u32 b = thread_index; b < items; b += threads) {
    const u32 lane = b & ((1u << log_lanes) - 1u), below = b >> log_lanes;
    const u32 place = ntt_place((below << log_lanes) | lane);
    Fp x[16];
    UNROLL for (u32 i = 0; i < 16; ++i) x[i] = fp_word(tile[place + ntt_place(i << (log_below + log_lanes))]);
    // Factors of layer log_below + t: w^(2^(11 - log_below - t) (below + 2^log_below k)).
    const u32 top = NTT_LOG_TILE - 1u - log_below;
    if (log_below > 3) ntt_layer<0, 0>(x, roots + (below << top), NTT_LOG_TILE - 1u);
    if (log_below > 2) ntt_layer<1, 0>(x, roots + (below << (top - 1u)), NTT_LOG_TILE - 2u);
    if (log_below > 1) ntt_layer<2, 0>(x, roots + (below << (top - 2u)), NTT_LOG_TILE - 3u);
    if (log_below > 0) ntt_layer<3, 0>(x, roots + (below << (top - 3u)), NTT_LOG_TILE - 4u);
    if (args.twiddles != 0) {
      const u32 shift = args.twiddle_shift;
      Fp power = fp_mul(root_power(powers, (below * (first_lane + lane)) << shift), fp_word(args.scale));
      const Fp step = root_power(powers, ((first_lane + lane) << log_below) << shift);
      UNROLL for (u32 i = 0; i < 16; ++i) {
        x[i] = fp_mul(x[i], power);
        power = fp_mul(power, step);
      }
    }
    DEVICE u32* to = target + ((u64)below << args.out_element) + ((u64)(first_lane + lane) << args.out_lane);
    const u64 stride = (u64)1 << (log_below + args.out_element);
    UNROLL for (u32 i = 0; i < 16; ++i) {
      fp_store(to, x[i]);
      to += stride;
    }
  }
}

// A pass of fewer elements, which is the only one and has no twiddles: one word at a time, all layers on the tile.
FN void ntt_load_small(THREADGROUP u32* tile, DEVICE const u32* source, CONSTANT NttPassArgs& args,
                       u32 first_lane, u32 thread_index, u32 threads) {
  const u32 log_lanes = args.log_tile_lanes;
  for (u32 i = thread_index; i < 1u << (args.log_size + log_lanes); i += threads) {
    const u32 lane = i & ((1u << log_lanes) - 1u), element = i >> log_lanes;
    u32 word = 0;
    if (element < 1u << (args.log_size - args.log_zero)) {
      word = gpu_load(source + ((u64)element << args.in_element) + ((u64)(first_lane + lane) << args.in_lane));
    }
    // log_size is at least 1, or there is one element and nothing to reverse.
    const u32 reversed = args.log_size == 0 ? 0u : gpu_reverse_bits(element) >> (32u - args.log_size);
    tile[ntt_place((reversed << log_lanes) + lane)] = word;
  }
}
FN void ntt_store_small(THREADGROUP const u32* tile, DEVICE u32* target, CONSTANT NttPassArgs& args,
                        u32 first_lane, u32 thread_index, u32 threads) {
  const u32 log_lanes = args.log_tile_lanes;
  for (u32 i = thread_index; i < 1u << (args.log_size + log_lanes); i += threads) {
    const u32 lane = i & ((1u << log_lanes) - 1u), element = i >> log_lanes;
    gpu_store(target + ((u64)element << args.out_element) + ((u64)(first_lane + lane) << args.out_lane),
              tile[ntt_place(i)]);
  }
}

KERNEL(ntt_pass, 256, BUF(0, DEVICE const u32* in), BUF(1, DEVICE u32* out), BUF(2, DEVICE const u64* roots),
       BUF(3, DEVICE const u32* powers), ARGS(4, NttPassArgs, args)) {
  SHARED(u32, tile, 4232);
  const u32 log_lanes = args.log_tile_lanes, log_tiles = args.log_lanes - log_lanes;
  const u32 first_lane = (gpu_bid.x & ((1u << log_tiles) - 1u)) << log_lanes, outer = gpu_bid.x >> log_tiles;
  DEVICE const u32* source = in + gpu_bid.y * args.in_pitch + ((u64)outer << args.in_outer);
  DEVICE u32* target = out + gpu_bid.y * args.out_pitch + ((u64)outer << args.out_outer);
  const bool small = args.log_size < 4;
  if (small) {
    ntt_load_small(tile, source, args, first_lane, gpu_tid.x, gpu_tgs.x);
  } else {
    ntt_first_layers(tile, source, roots, args, first_lane, gpu_tid.x, gpu_tgs.x);
  }
  gpu_barrier_threadgroup();
  ntt_tile(tile, roots, args.log_size, log_lanes, small ? 0 : 4u,
           small           ? args.log_size
           : args.log_size > 8 ? args.log_size - 4u
                               : 4u, gpu_tid.x, gpu_tgs.x);
  if (small) {
    ntt_store_small(tile, target, args, first_lane, gpu_tid.x, gpu_tgs.x);
  } else {
    ntt_last_layers(tile, target, roots, powers, args, first_lane, gpu_tid.x, gpu_tgs.x);
  }
}

// A first pass over values on D in blocks of 16: transforms of 16 to 256 elements that fill the tile.
KERNEL(ntt_pass_values, 256, BUF(0, DEVICE const u32* in), BUF(1, DEVICE u32* out), BUF(2, DEVICE const u64* roots),
       BUF(3, DEVICE const u32* powers), ARGS(4, NttPassArgs, args)) {
  SHARED(u32, tile, 4352);
  const u32 first_lane = gpu_bid.x << args.log_tile_lanes;
  ntt_first_layers_of_values(tile, in + gpu_bid.y * args.in_pitch, roots, args, first_lane, gpu_tid.x);
  gpu_barrier_threadgroup();
  ntt_last_layers(tile, out + gpu_bid.y * args.out_pitch, roots, powers, args, first_lane, gpu_tid.x, gpu_tgs.x);
}

// Values on D to message entries, per block of 2^log_block: inverse DFT, then sums over the submasks of every
// index. A group transforms a tile of blocks; inverse roots are the roots read backwards.
KERNEL(ntt_block_messages, 256, BUF(0, DEVICE const u32* in), BUF(1, DEVICE u32* out),
       BUF(2, DEVICE const u64* roots), ARGS(3, BlockMessagesArgs, args)) {
  SHARED(u32, tile, 4096);
  const u32 log_tile = gpu_min(args.log_height, NTT_LOG_TILE), size = 1u << log_tile, block = 1u << args.log_block;
  DEVICE const u32* source = in + gpu_bid.y * args.in_pitch + ((u64)gpu_bid.x << log_tile);
  DEVICE u32* target = out + gpu_bid.y * args.out_pitch + ((u64)gpu_bid.x << log_tile);
  if (args.log_block == 4) {
    for (u32 i = 16u * gpu_tid.x; i < size; i += 16u * gpu_tgs.x) {
      Fp x[16];
      block_load(x, source + i);
      block_message(x, roots);
      block_store(x, target + i, fp_word(args.inverse_count));
    }
    return;
  }
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
      if (j != 0) c = fp_sub(fp_zero(), fp_mul_factor(c, fp_load_factor(roots + ((half - j) * step))));
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
