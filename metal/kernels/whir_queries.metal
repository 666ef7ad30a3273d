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

// M[T] += sum over the queries of low[T mod 2^log_low] high[T >> log_low], and the same for the out-of-domain
// point, whose tables are of elements; and the sums of the next round.
KERNEL(whir_update, 256, BUF(0, DEVICE const u32* coefficients), BUF(1, DEVICE u32* moments),
       BUF(2, DEVICE const u32* low), BUF(3, DEVICE const u32* high), BUF(4, DEVICE const u32* ood_low),
       BUF(5, DEVICE const u32* ood_high), BUF(6, DEVICE u32* partials), ARGS(7, WhirUpdateArgs, args)) {
  SHARED(u32, scratch, 64);
  WhirSums sums = whir_no_sums();
  const u32 pitch = 4u * args.quads, low_mask = (1u << args.log_low) - 1u;
  for (u32 quad = gpu_gid.x; quad < args.quads; quad += gpu_tgs.x * gpu_ntg.x) {
    const u32 first = 4u * quad, l = first & low_mask, h = first >> args.log_low;
    ExtSum sum0 = ext_sum_zero(), sum1 = sum0, sum2 = sum0, sum3 = sum0;
    for (u32 query = 0; query < args.queries; query += 2) {
      const U4 x = gpu_load4(low + (((u64)query << args.log_low) | l));
      const U4 y = gpu_load4(low + (((u64)(query + 1u) << args.log_low) | l));
      const Ext a = ext_load(high + 4 * (((u64)query << args.log_high) | h));
      const Ext b = ext_load(high + 4 * (((u64)(query + 1u) << args.log_high) | h));
      sum0 = ext_sum_pair(sum0, a, fp_word(x.x), b, fp_word(y.x));
      sum1 = ext_sum_pair(sum1, a, fp_word(x.y), b, fp_word(y.y));
      sum2 = ext_sum_pair(sum2, a, fp_word(x.z), b, fp_word(y.z));
      sum3 = ext_sum_pair(sum3, a, fp_word(x.w), b, fp_word(y.w));
    }
    WhirQuad m = whir_load(moments, quad, pitch), added;
    added.e[0] = ext_sum_value(sum0);
    added.e[1] = ext_sum_value(sum1);
    added.e[2] = ext_sum_value(sum2);
    added.e[3] = ext_sum_value(sum3);
    const Ext factor = ext_load(ood_high + 4u * h);
    UNROLL for (u32 j = 0; j < 4; ++j) {
      const Ext ood = ext_mul(ext_load(ood_low + 4u * (l + j)), factor);
      if (first + j < args.size) m.e[j] = ext_add(m.e[j], ext_add(added.e[j], ood));
    }
    whir_store(moments, quad, pitch, m);
    const WhirQuad c = whir_load(coefficients, quad, pitch);
    sums = whir_add_pair(sums, c.e[0], c.e[1], m.e[0], m.e[1]);
    sums = whir_add_pair(sums, c.e[2], c.e[3], m.e[2], m.e[3]);
  }
  group_store_sums(scratch, sums.one, sums.two, partials + 8u * gpu_bid.x, gpu_tid.x, gpu_lane, gpu_simd, 8);
}
