// The WHIR sumcheck in coefficient and moment form (protocol part 06, 10.2). Tables of extension elements are
// planes; a thread takes a quad, four neighbouring entries of both tables, at a time.
#include "block_message.h"
#include "reduce.h"
#include "sums.h"
#include "whir.h"
#include "whir_args.h"

FN U4 whir_rows(DEVICE const u32* column, u32 rows) {
  if (rows >= 4) return gpu_load4(column);
  return gpu_u4(gpu_load(column), rows > 1 ? gpu_load(column + 1) : 0u, 0u, 0u);
}

// Four rows of columns of base elements, weighted and summed. columns: their addresses.
FN WhirQuad whir_batched(DEVICE const u64* columns, DEVICE const u32* weights, CONSTANT WhirBatchArgs& args, u32 row) {
  ExtSum sum0 = ext_sum_zero(), sum1 = sum0, sum2 = sum0, sum3 = sum0;
  for (u32 c = 0; c < args.columns; c += 2) {
    const U4 x = whir_rows(gpu_address(gpu_load(columns + c)) + row, args.rows);
    const U4 y = whir_rows(gpu_address(gpu_load(columns + c + 1)) + row, args.rows);
    const Ext a = ext_load(weights + 4 * (u64)c), b = ext_load(weights + 4 * (u64)c + 4);
    sum0 = ext_sum_pair(sum0, a, fp_word(x.x), b, fp_word(y.x));
    sum1 = ext_sum_pair(sum1, a, fp_word(x.y), b, fp_word(y.y));
    sum2 = ext_sum_pair(sum2, a, fp_word(x.z), b, fp_word(y.z));
    sum3 = ext_sum_pair(sum3, a, fp_word(x.w), b, fp_word(y.w));
  }
  WhirQuad result;
  result.e[0] = ext_sum_value(sum0);
  result.e[1] = ext_sum_value(sum1);
  result.e[2] = ext_sum_value(sum2);
  result.e[3] = ext_sum_value(sum3);
  return result;
}

KERNEL(whir_batch, 256, BUF(0, DEVICE const u64* columns), BUF(1, DEVICE const u32* weights),
       BUF(2, DEVICE u32* sums), ARGS(3, WhirBatchArgs, args)) {
  const u32 row = 4u * gpu_gid.x;
  if (row >= args.rows) return;
  whir_store(sums, gpu_gid.x, args.rows < 4 ? 4u : args.rows, whir_batched(columns, weights, args, row));
}

// The same, and the message of the sums, where blocks have 16 rows and groups all of their 1024: a thread transforms
// one block of one plane.
KERNEL(whir_batch_messages, 256, BUF(0, DEVICE const u64* columns), BUF(1, DEVICE const u32* weights),
       BUF(2, DEVICE const u64* roots), BUF(3, DEVICE u32* messages), ARGS(4, WhirBatchArgs, args)) {
  SHARED(u32, tile, 4352);
  const WhirQuad sums = whir_batched(columns, weights, args, 4u * gpu_gid.x);
  // Plane after plane of 64 blocks.
  UNROLL for (u32 k = 0; k < 4; ++k) {
    const u32 place = BLOCK_PITCH * (64u * k + (gpu_tid.x >> 2)) + 4u * (gpu_tid.x & 3u);
    UNROLL for (u32 j = 0; j < 4; ++j) tile[place + j] = sums.e[j].c[k].v;
  }
  gpu_barrier_threadgroup();
  Fp x[BLOCK];
  UNROLL for (u32 i = 0; i < BLOCK; ++i) x[reversed_in_16(i)] = fp_word(tile[BLOCK_PITCH * gpu_tid.x + i]);
  block_message(x, roots);
  const u32 plane = gpu_tid.x >> 6, block = 64u * gpu_bid.x + (gpu_tid.x & 63u);
  block_store(x, messages + ((u64)plane * args.rows + BLOCK * block), fp_word(args.inverse_count));
}

// Moments as products of two tables of elements, and the sums of the first round.
KERNEL(whir_start, 256, BUF(0, DEVICE const u32* coefficients), BUF(1, DEVICE const u32* low),
       BUF(2, DEVICE const u32* high), BUF(3, DEVICE u32* moments), BUF(4, DEVICE u32* partials),
       ARGS(5, WhirStartArgs, args)) {
  SHARED(u32, scratch, 64);
  WhirSums sums = whir_no_sums();
  const u32 pitch = 4u * args.quads, low_mask = (1u << args.log_low) - 1u;
  for (u32 quad = gpu_gid.x; quad < args.quads; quad += gpu_tgs.x * gpu_ntg.x) {
    const u32 first = 4u * quad;
    const Ext factor = ext_load(high + 4u * (first >> args.log_low));
    WhirQuad m;
    UNROLL for (u32 j = 0; j < 4; ++j) {
      m.e[j] = ext_mul(ext_load(low + 4u * ((first & low_mask) + j)), factor);
    }
    whir_store(moments, quad, pitch, m);
    const WhirQuad c = whir_load(coefficients, quad, pitch);
    sums = whir_add_pair(sums, c.e[0], c.e[1], m.e[0], m.e[1]);
    sums = whir_add_pair(sums, c.e[2], c.e[3], m.e[2], m.e[3]);
  }
  group_store_sums(scratch, sums.one, sums.two, partials + 8u * gpu_bid.x, gpu_tid.x, gpu_lane, gpu_simd, 8);
}

FN Ext whir_bind_coefficients(Ext c0, Ext c1, Ext alpha) { return ext_add(c0, ext_mul(c1, alpha)); }
// (1 - alpha) m0 + (2 alpha - 1) m1.
FN Ext whir_bind_moments(Ext m0, Ext m1, Ext alpha) {
  const Ext difference = ext_sub(m0, m1);
  return ext_add(difference, ext_mul(ext_sub(m1, difference), alpha));
}

// Binds the lowest variable of both tables, and sums the next round.
KERNEL(whir_round, 256, BUF(0, DEVICE const u32* coefficients), BUF(1, DEVICE const u32* moments),
       BUF(2, DEVICE u32* out_coefficients), BUF(3, DEVICE u32* out_moments), BUF(4, DEVICE u32* partials),
       ARGS(5, WhirRoundArgs, args)) {
  SHARED(u32, scratch, 64);
  WhirSums sums = whir_no_sums();
  const Ext alpha = ext_constant(args.alpha);
  const u64 out_pitch = args.quads == 1 ? 4u : 2u * args.quads;
  for (u32 quad = gpu_gid.x; quad < args.quads; quad += gpu_tgs.x * gpu_ntg.x) {
    const WhirQuad c = whir_load(coefficients, quad, 4u * args.quads);
    const WhirQuad m = whir_load(moments, quad, 4u * args.quads);
    const Ext c0 = whir_bind_coefficients(c.e[0], c.e[1], alpha);
    const Ext c1 = whir_bind_coefficients(c.e[2], c.e[3], alpha);
    const Ext m0 = whir_bind_moments(m.e[0], m.e[1], alpha), m1 = whir_bind_moments(m.e[2], m.e[3], alpha);
    UNROLL for (u32 k = 0; k < 4; ++k) {
      DEVICE u32* c_out = out_coefficients + k * out_pitch + 2 * (u64)quad;
      DEVICE u32* m_out = out_moments + k * out_pitch + 2 * (u64)quad;
      fp_store(c_out, c0.c[k]);
      fp_store(c_out + 1, c1.c[k]);
      fp_store(m_out, m0.c[k]);
      fp_store(m_out + 1, m1.c[k]);
      if (args.quads == 1) {  // a result of at most two entries, filled up with zeros
        UNROLL for (u32 j = 2; j < 4; ++j) {
          gpu_store(c_out + j, 0u);
          gpu_store(m_out + j, 0u);
        }
      }
    }
    sums = whir_add_pair(sums, c0, c1, m0, m1);
  }
  group_store_sums(scratch, sums.one, sums.two, partials + 8u * gpu_bid.x, gpu_tid.x, gpu_lane, gpu_simd, 8);
}

// The coefficients as a univariate polynomial at a point: Horner from quad to quad of a thread, whose result is
// then shifted by its first index.
KERNEL(whir_evaluate, 256, BUF(0, DEVICE const u32* coefficients), BUF(1, DEVICE u32* partials),
       ARGS(2, WhirEvaluateArgs, args)) {
  SHARED(u32, scratch, 64);
  const Ext point = ext_constant(args.point), step = ext_constant(args.step);
  Ext value = ext_zero();
  for (u32 i = (args.quads + (1u << args.log_threads) - 1u) >> args.log_threads; i-- > 0;) {
    const u32 quad = (i << args.log_threads) + gpu_gid.x;
    if (quad >= args.quads) continue;
    const WhirQuad c = whir_load(coefficients, quad, 4u * args.quads);
    Ext of_quad = ext_add(ext_mul(c.e[3], point), c.e[2]);
    of_quad = ext_add(ext_mul(of_quad, point), c.e[1]);
    of_quad = ext_add(ext_mul(of_quad, point), c.e[0]);
    value = ext_add(ext_mul(value, step), of_quad);
  }
  for (u32 j = 0; j < args.log_threads; ++j) {
    if (((gpu_gid.x >> j) & 1u) != 0) value = ext_mul(value, ext_constant(args.squarings + 4u * j));
  }
  group_store_sums(scratch, value, ext_zero(), partials + 8u * gpu_bid.x, gpu_tid.x, gpu_lane, gpu_simd, 8);
}
