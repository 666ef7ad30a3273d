// The stacked opening reduction (protocol part 05, 9.3), one class of columns of equal height at a time. x is a
// point of the cube, z one of the block: row = x 2^log_block + z.
#include "reduce.h"
#include "sums.h"
#include "stacked_sum_args.h"

// Adds up what the eight SIMD groups hold for the same 32 rows; the first one has the result.
FN Ext stacked_across(Ext value, THREADGROUP u32* scratch, u32 lane, u32 simd) {
  gpu_barrier_threadgroup();  // the scratch may still be in use
  for (u32 k = 0; k < 4; ++k) scratch[128u * simd + 32u * k + lane] = value.c[k].v;
  gpu_barrier_threadgroup();
  if (simd != 0) return value;
  for (u32 s = 1; s < 8; ++s) {
    for (u32 k = 0; k < 4; ++k) {
      value.c[k] = fp_add(value.c[k], fp_word(scratch[128u * s + 32u * k + lane]));
    }
  }
  return value;
}

// Two weighted sums of the columns of a chunk, row by row: a group takes 32 rows, each SIMD group every eighth
// pair of columns. weights: plain and rotated of every column.
KERNEL(stacked_combine, 256, BUF(0, DEVICE const u64* columns), BUF(1, DEVICE const u32* weights),
       BUF(2, DEVICE u32* cells), ARGS(3, StackedCombineArgs, args)) {
  SHARED(u32, scratch, 1024);
  const u32 row = 32u * gpu_bid.x + gpu_lane;
  const u32 begin = gpu_bid.y * args.chunk_columns, end = gpu_min(begin + args.chunk_columns, args.columns);
  ExtSum plain = ext_sum_zero(), rotated = plain;
  if (row < args.rows) {
    for (u32 c = begin + 2u * gpu_simd; c < end; c += 16) {
      const u64 at = (u64)row << args.log_stride;
      const Fp x = fp_load(gpu_address(gpu_load(columns + c)) + at);
      const Fp y = fp_load(gpu_address(gpu_load(columns + c + 1)) + at);
      DEVICE const u32* weight = weights + 8 * (u64)c;
      plain = ext_sum_pair(plain, ext_load(weight), x, ext_load(weight + 8), y);
      if (args.halves == 2) rotated = ext_sum_pair(rotated, ext_load(weight + 4), x, ext_load(weight + 12), y);
    }
  }
  const u64 first = (u64)(gpu_bid.y * args.halves) * args.rows + row;
  const Ext plain_cell = stacked_across(ext_sum_value(plain), scratch, gpu_lane, gpu_simd);
  if (gpu_simd == 0 && row < args.rows) ext_store(cells + 4 * first, plain_cell);
  if (args.halves == 2) {
    const Ext rotated_cell = stacked_across(ext_sum_value(rotated), scratch, gpu_lane, gpu_simd);
    if (gpu_simd == 0 && row < args.rows) ext_store(cells + 4 * (first + args.rows), rotated_cell);
  }
}

// weights[row] = block[z] low[x mod 2^log_low] high[x >> log_low].
KERNEL(stacked_weights, 256, BUF(0, DEVICE const u32* block), BUF(1, DEVICE const u32* low),
       BUF(2, DEVICE const u32* high), BUF(3, DEVICE u32* weights), ARGS(4, StackedWeightsArgs, args)) {
  const u32 row = gpu_gid.x;
  if (row >= args.rows) return;
  const u32 z = row & ((1u << args.log_block) - 1u), x = row >> args.log_block;
  const Ext cube = ext_mul(ext_load(low + 4u * (x & ((1u << args.log_low) - 1u))),
                           ext_load(high + 4u * (x >> args.log_low)));
  ext_store(weights + 4 * (u64)row, ext_mul(cube, ext_load(block + 4u * z)));
}

// A combined cell, of all chunks.
FN Ext stacked_cell(DEVICE const u32* cells, u32 rows, u32 row, u32 half, u32 chunks, u32 halves) {
  Ext cell = ext_zero();
  for (u32 list = half; list < chunks * halves; list += halves) {
    cell = ext_add(cell, ext_load(cells + 4 * ((u64)list * rows + row)));
  }
  return cell;
}
// eq of the point before x on the cycle, minus eq of x.
FN Ext stacked_successor(DEVICE const u32* eq, Ext here, u32 x, u32 log_cube) {
  return ext_sub(ext_load(eq + 4 * (u64)((x - 1u) & ((1u << log_cube) - 1u))), here);
}

// Partial sums over x of plain eq, rotated eq and rotated (eq of the point before - eq), at every z: thread
// (part, z) takes every 2^log_parts-th x. partials: the three kinds one after another.
KERNEL(stacked_first, 256, BUF(0, DEVICE const u32* cells), BUF(1, DEVICE const u32* eq),
       BUF(2, DEVICE u32* partials), ARGS(3, StackedFirstArgs, args)) {
  const u32 log_threads = args.log_parts + args.log_block;
  if (gpu_gid.x >= 1u << log_threads) return;
  const u32 z = gpu_gid.x & ((1u << args.log_block) - 1u);
  const u32 rows = 1u << (args.log_block + args.log_cube);
  Ext plain = ext_zero(), rotated = plain, successor = plain;
  for (u32 x = gpu_gid.x >> args.log_block; x < 1u << args.log_cube; x += 1u << args.log_parts) {
    const u32 row = (x << args.log_block) | z;
    const Ext weight = ext_load(eq + 4 * (u64)x);
    plain = ext_add(plain, ext_mul(stacked_cell(cells, rows, row, 0, args.chunks, args.halves), weight));
    if (args.halves == 2) {
      const Ext cell = stacked_cell(cells, rows, row, 1, args.chunks, args.halves);
      rotated = ext_add(rotated, ext_mul(cell, weight));
      successor = ext_add(successor, ext_mul(cell, stacked_successor(eq, weight, x, args.log_cube)));
    }
  }
  const u64 kind = (u64)4 << log_threads;
  ext_store(partials + 4 * (u64)gpu_gid.x, plain);
  if (args.halves == 2) {
    ext_store(partials + kind + 4 * (u64)gpu_gid.x, rotated);
    ext_store(partials + 2 * kind + 4 * (u64)gpu_gid.x, successor);
  }
}

// One group adds the parts of one sum: element 2 (kind * 2^log_block + z), zero behind it.
KERNEL(stacked_reduce, 256, BUF(0, DEVICE const u32* partials), BUF(1, DEVICE u32* sums),
       ARGS(2, StackedReduceArgs, args)) {
  SHARED(u32, scratch, 64);
  const u32 z = gpu_bid.x & ((1u << args.log_block) - 1u), kind = gpu_bid.x >> args.log_block;
  Ext sum = ext_zero();
  for (u32 part = gpu_tid.x; part < args.parts; part += gpu_tgs.x) {
    const u64 at = (((u64)kind * args.parts + part) << args.log_block) | z;
    sum = ext_add(sum, ext_load(partials + 4 * at));
  }
  group_store_sums(scratch, sum, ext_zero(), sums + 8u * gpu_bid.x, gpu_tid.x, gpu_lane, gpu_simd, 8);
}

// The values at 1 and 2 of the product of two lines.
struct StackedSums {
  Ext one, two;
};
FN StackedSums stacked_add_pair(StackedSums sums, Ext a0, Ext a1, Ext b0, Ext b1) {
  StackedSums result;
  result.one = ext_add(sums.one, ext_mul(a1, b1));
  const Ext a2 = ext_add(a1, ext_sub(a1, a0)), b2 = ext_add(b1, ext_sub(b1, b0));
  result.two = ext_add(sums.two, ext_mul(a2, b2));
  return result;
}

// A column of combined cells at Z = u_0. lagrange: the weight of every z.
FN Ext stacked_at_u0(DEVICE const u32* cells, DEVICE const u32* lagrange, u32 x, u32 half,
                     CONSTANT StackedBindArgs& args) {
  const u32 rows = 1u << (args.log_block + args.log_cube);
  Ext value = ext_zero();
  for (u32 z = 0; z < 1u << args.log_block; ++z) {
    const u32 row = (x << args.log_block) | z;
    const Ext cell = stacked_cell(cells, rows, row, half, args.chunks, args.halves);
    value = ext_add(value, ext_mul(cell, ext_load(lagrange + 4u * z)));
  }
  return value;
}

// Tables of the rounds, 2^log_cube elements each: the plain column and its kernel, then, if halves = 2, the rotated
// ones; and the sums of the first round. A thread makes two neighbouring entries.
KERNEL(stacked_bind, 256, BUF(0, DEVICE const u32* cells), BUF(1, DEVICE const u32* eq),
       BUF(2, DEVICE const u32* lagrange), BUF(3, DEVICE u32* tables), BUF(4, DEVICE u32* partials),
       ARGS(5, StackedBindArgs, args)) {
  SHARED(u32, scratch, 64);
  const u32 x = 2u * gpu_gid.x;
  const u64 size = (u64)1 << args.log_cube;
  StackedSums sums;
  sums.one = ext_zero();
  sums.two = ext_zero();
  if (x < size) {
    const Ext here = ext_load(eq + 4 * (u64)x), next = ext_load(eq + 4 * (u64)x + 4);
    const Ext factor = ext_constant(args.eq);
    const Ext a0 = stacked_at_u0(cells, lagrange, x, 0, args);
    const Ext a1 = stacked_at_u0(cells, lagrange, x + 1u, 0, args);
    const Ext b0 = ext_mul(factor, here), b1 = ext_mul(factor, next);
    DEVICE u32* out = tables + 4 * (u64)x;
    ext_store(out, a0);
    ext_store(out + 4, a1);
    ext_store(out + 4 * size, b0);
    ext_store(out + 4 * size + 4, b1);
    sums = stacked_add_pair(sums, a0, a1, b0, b1);
    if (args.halves == 2) {
      const Ext rotation = ext_constant(args.rotation), carry = ext_constant(args.carry);
      const Ext c0 = stacked_at_u0(cells, lagrange, x, 1, args);
      const Ext c1 = stacked_at_u0(cells, lagrange, x + 1u, 1, args);
      const Ext d0 = ext_add(ext_mul(rotation, here),
                             ext_mul(carry, stacked_successor(eq, here, x, args.log_cube)));
      const Ext d1 = ext_add(ext_mul(rotation, next), ext_mul(carry, ext_sub(here, next)));
      ext_store(out + 8 * size, c0);
      ext_store(out + 8 * size + 4, c1);
      ext_store(out + 12 * size, d0);
      ext_store(out + 12 * size + 4, d1);
      sums = stacked_add_pair(sums, c0, c1, d0, d1);
    }
  }
  group_store_sums(scratch, sums.one, sums.two, partials + 8u * gpu_bid.x, gpu_tid.x, gpu_lane, gpu_simd, 8);
}

FN Ext stacked_fold(DEVICE const u32* pair, Ext challenge) {
  const Ext even = ext_load(pair);
  return ext_add(even, ext_mul(ext_sub(ext_load(pair + 4), even), challenge));
}

// Binds the lowest variable of all tables, and sums the next round.
KERNEL(stacked_round, 256, BUF(0, DEVICE const u32* tables), BUF(1, DEVICE u32* out),
       BUF(2, DEVICE u32* partials), ARGS(3, StackedRoundArgs, args)) {
  SHARED(u32, scratch, 64);
  const Ext challenge = ext_constant(args.challenge);
  const u32 half_size = args.size >> 1;
  StackedSums sums;
  sums.one = ext_zero();
  sums.two = ext_zero();
  for (u32 y = 2u * gpu_gid.x; y < half_size; y += 2u * gpu_tgs.x * gpu_ntg.x) {
    for (u32 half = 0; half < args.halves; ++half) {
      DEVICE const u32* column = tables + 4 * (2 * (u64)half * args.size + 2 * (u64)y);
      DEVICE const u32* kernel_table = column + 4 * (u64)args.size;
      DEVICE u32* out_column = out + 4 * (2 * (u64)half * half_size + y);
      DEVICE u32* out_kernel = out_column + 4 * (u64)half_size;
      const Ext a0 = stacked_fold(column, challenge), b0 = stacked_fold(kernel_table, challenge);
      ext_store(out_column, a0);
      ext_store(out_kernel, b0);
      if (half_size > 1) {
        const Ext a1 = stacked_fold(column + 8, challenge), b1 = stacked_fold(kernel_table + 8, challenge);
        ext_store(out_column + 4, a1);
        ext_store(out_kernel + 4, b1);
        sums = stacked_add_pair(sums, a0, a1, b0, b1);
      }
    }
  }
  group_store_sums(scratch, sums.one, sums.two, partials + 8u * gpu_bid.x, gpu_tid.x, gpu_lane, gpu_simd, 8);
}

// Inner products of columns with the weights of the rows: a group takes four columns and a chunk of rows, and
// stores four elements, of which those beyond the last column mean nothing.
KERNEL(stacked_values, 256, BUF(0, DEVICE const u64* columns), BUF(1, DEVICE const u32* weights),
       BUF(2, DEVICE u32* values), ARGS(3, StackedValuesArgs, args)) {
  SHARED(u32, scratch, 64);
  const u32 first = 4u * gpu_bid.x, begin = gpu_bid.y * args.chunk_rows;
  const u32 end = gpu_min(begin + args.chunk_rows, args.rows), last = args.columns - 1u;
  DEVICE const u32* column0 = gpu_address(gpu_load(columns + first));
  DEVICE const u32* column1 = gpu_address(gpu_load(columns + gpu_min(first + 1u, last)));
  DEVICE const u32* column2 = gpu_address(gpu_load(columns + gpu_min(first + 2u, last)));
  DEVICE const u32* column3 = gpu_address(gpu_load(columns + gpu_min(first + 3u, last)));
  ExtSum sum0 = ext_sum_zero(), sum1 = sum0, sum2 = sum0, sum3 = sum0;
  for (u32 row = begin + gpu_tid.x; row < end; row += gpu_tgs.x) {
    const u64 at = (u64)row << args.log_stride;
    const Ext weight = ext_load(weights + 4 * (u64)row);
    sum0 = ext_sum_one(sum0, weight, fp_load(column0 + at));
    sum1 = ext_sum_one(sum1, weight, fp_load(column1 + at));
    sum2 = ext_sum_one(sum2, weight, fp_load(column2 + at));
    sum3 = ext_sum_one(sum3, weight, fp_load(column3 + at));
  }
  DEVICE u32* out = values + 16 * ((u64)gpu_bid.y * gpu_ntg.x + gpu_bid.x);
  group_store_sums(scratch, ext_sum_value(sum0), ext_sum_value(sum1), out, gpu_tid.x, gpu_lane, gpu_simd, 8);
  gpu_barrier_threadgroup();  // the scratch is still being read
  group_store_sums(scratch, ext_sum_value(sum2), ext_sum_value(sum3), out + 8, gpu_tid.x, gpu_lane, gpu_simd,
                   8);
}
