// The queries of a WHIR round: what they open, and what they add to the weights (protocol part 06, 7 and 10.2).
#include "reduce.h"
#include "root_powers.h"
#include "sums.h"
#include "whir.h"
#include "whir_args.h"

// rows[(query * rows + t) * width + column]: rows t of every query, from columns at these addresses.
KERNEL(whir_rows, 64, BUF(0, DEVICE const u64* columns), BUF(1, DEVICE const u32* indices),
       BUF(2, DEVICE u32* rows), ARGS(3, WhirRowsArgs, args)) {
  const u32 column = gpu_gid.x;
  if (column >= args.width) return;
  const u64 row = gpu_load(indices + gpu_gid.z) + gpu_gid.y * (u64)args.stride;
  const u64 out = ((u64)gpu_gid.z << args.log_rows) + gpu_gid.y;
  gpu_store(rows + out * args.width + column, gpu_load(gpu_address(gpu_load(columns + column)) + row));
}

// The siblings of every query digest in every tree, bottom up; a thread copies half a digest. trees: where the
// layers of each begin.
KERNEL(whir_paths, 64, BUF(0, DEVICE const u64* trees), BUF(1, DEVICE const u32* indices),
       BUF(2, DEVICE u32* digests), ARGS(3, WhirPathsArgs, args)) {
  const u32 level = gpu_gid.x >> 1, half = 4u * (gpu_gid.x & 1u);
  if (level >= args.depth) return;
  const u32 sibling = (gpu_load(indices + gpu_gid.y) >> level) ^ 1u;
  const u32 leaves = 2u << args.depth;
  const u64 digest = leaves - (leaves >> level) + (u64)sibling;
  const u64 out = ((u64)gpu_gid.z * gpu_ntg.y + gpu_gid.y) * args.depth + level;
  gpu_store4(digests + 8 * out + half,
             gpu_load4(gpu_address(gpu_load(trees + gpu_gid.z)) + 8 * digest + half));
}

// Per query point z: z^j for the low exponents, and weight z^(2^log_low j) for the high ones.
KERNEL(whir_powers, 256, BUF(0, DEVICE const u32* indices), BUF(1, DEVICE const u32* weights),
       BUF(2, DEVICE const u32* powers), BUF(3, DEVICE u32* low), BUF(4, DEVICE u32* high),
       ARGS(5, WhirPowersArgs, args)) {
  const u32 j = gpu_gid.x, query = gpu_gid.y, exponent = gpu_load(indices + query) * j;
  if (j < 1u << args.log_low) {
    fp_store(low + (((u64)query << args.log_low) | j), root_power(powers, exponent << args.shift));
  }
  if (j < 1u << args.log_high) {
    const Fp power = root_power(powers, exponent << (args.shift + args.log_low));
    ext_store(high + 4 * (((u64)query << args.log_high) | j), ext_scale(ext_load(weights + 4u * query), power));
  }
}

// M[T] += sum over the lists of low[T mod 2^log_low] high[T >> log_low], and the sums of the next round. A list for
// every query, and four for the out-of-domain point, whose powers are elements.
KERNEL(whir_update, 256, BUF(0, DEVICE const u32* coefficients), BUF(1, DEVICE u32* moments),
       BUF(2, DEVICE const u32* low), BUF(3, DEVICE const u32* high), BUF(4, DEVICE u32* partials),
       ARGS(5, WhirUpdateArgs, args)) {
  SHARED(u32, scratch, 64);
  WhirSums sums = whir_no_sums();
  const u32 quad = gpu_gid.x, pitch = 4u * args.quads;
  if (quad < args.quads) {
    const u32 l = (4u * quad) & ((1u << args.log_low) - 1u), h = (4u * quad) >> args.log_low;
    ExtSum sum0 = ext_sum_zero(), sum1 = sum0, sum2 = sum0, sum3 = sum0;
    for (u32 list = 0; list < args.lists; ++list) {
      const U4 x = gpu_load4(low + (((u64)list << args.log_low) | l));
      const Ext weight = ext_load(high + 4 * (((u64)list << args.log_high) | h));
      sum0 = ext_sum_one(sum0, weight, fp_word(x.x));
      sum1 = ext_sum_one(sum1, weight, fp_word(x.y));
      sum2 = ext_sum_one(sum2, weight, fp_word(x.z));
      sum3 = ext_sum_one(sum3, weight, fp_word(x.w));
    }
    WhirQuad m = whir_load(moments, quad, pitch);
    m.e[0] = ext_add(m.e[0], ext_sum_value(sum0));
    m.e[1] = ext_add(m.e[1], ext_sum_value(sum1));
    m.e[2] = ext_add(m.e[2], ext_sum_value(sum2));
    m.e[3] = ext_add(m.e[3], ext_sum_value(sum3));
    whir_store(moments, quad, pitch, m);
    const WhirQuad c = whir_load(coefficients, quad, pitch);
    sums = whir_add_pair(sums, c.e[0], c.e[1], m.e[0], m.e[1]);
    sums = whir_add_pair(sums, c.e[2], c.e[3], m.e[2], m.e[3]);
  }
  group_store_sums(scratch, sums.one, sums.two, partials + 8u * gpu_bid.x, gpu_tid.x, gpu_lane, gpu_simd, 8);
}
