// What a device can do at most: chains of one operation in registers, whose results are a sum per thread.
#include "sums.h"
#include "rates_args.h"

#define RATES_CHAINS 8

// Chains that begin differently in every thread.
FN void rates_begin(THREAD Fp* x, u32 thread_index) {
  UNROLL for (u32 i = 0; i < RATES_CHAINS; ++i) x[i] = fp_word(RATES_CHAINS * thread_index + i + 1u);
}
FN u32 rates_sum(THREAD const Fp* x) {
  Fp sum = x[0];
  UNROLL for (u32 i = 1; i < RATES_CHAINS; ++i) sum = fp_add(sum, x[i]);
  return sum.v;
}

KERNEL(rates_multiply, 256, BUF(0, DEVICE u32* sums), ARGS(1, RatesArgs, args)) {
  Fp x[RATES_CHAINS];
  rates_begin(x, gpu_gid.x);
  for (u32 round = 0; round < args.rounds; ++round) {
    UNROLL for (u32 i = 0; i < RATES_CHAINS; ++i) x[i] = fp_mul(x[i], fp_word(args.word));
  }
  gpu_store(sums + gpu_gid.x, rates_sum(x));
}

KERNEL(rates_add, 256, BUF(0, DEVICE u32* sums), ARGS(1, RatesArgs, args)) {
  Fp x[RATES_CHAINS];
  rates_begin(x, gpu_gid.x);
  for (u32 round = 0; round < args.rounds; ++round) {
    UNROLL for (u32 i = 0; i < RATES_CHAINS; ++i) x[i] = fp_add(x[i], fp_word(args.word));
  }
  gpu_store(sums + gpu_gid.x, rates_sum(x));
}

// Neighbours are the two sides of a butterfly.
KERNEL(rates_butterfly, 256, BUF(0, DEVICE u32* sums), ARGS(1, RatesArgs, args)) {
  FpFactor factor;
  factor.value = args.value;
  factor.quotient = args.quotient;
  Fp x[RATES_CHAINS];
  rates_begin(x, gpu_gid.x);
  for (u32 round = 0; round < args.rounds; ++round) {
    UNROLL for (u32 i = 0; i < RATES_CHAINS; i += 2) {
      const Fp a = x[i], c = fp_mul_factor(x[i + 1], factor);
      x[i] = fp_add(a, c);
      x[i + 1] = fp_sub(a, c);
    }
  }
  gpu_store(sums + gpu_gid.x, rates_sum(x));
}

// Per round the sum grows by one product with every value, and the values by one, so that no product is made before.
KERNEL(rates_accumulate, 256, BUF(0, DEVICE u32* sums), ARGS(1, RatesArgs, args)) {
  const Ext a = ext(fp_word(args.word), fp_word(args.value), fp_one(), fp_word(args.rounds));
  Fp x[RATES_CHAINS];
  rates_begin(x, gpu_gid.x);
  ExtSum sum = ext_sum_zero();
  for (u32 round = 0; round < args.rounds; ++round) {
    UNROLL for (u32 i = 0; i < RATES_CHAINS; i += 2) {
      sum = ext_sum_pair(sum, a, x[i], a, x[i + 1]);
      x[i] = fp_word(x[i].v + 1u);
      x[i + 1] = fp_word(x[i + 1].v + 1u);
    }
  }
  const Ext total = ext_sum_value(sum);
  gpu_store(sums + gpu_gid.x, fp_add(fp_add(total.c[0], total.c[1]), fp_add(total.c[2], total.c[3])).v);
}

// Two chains of extension elements.
KERNEL(rates_ext_multiply, 256, BUF(0, DEVICE u32* sums), ARGS(1, RatesArgs, args)) {
  Fp x[RATES_CHAINS];
  rates_begin(x, gpu_gid.x);
  Ext low = ext(x[0], x[1], x[2], x[3]), high = ext(x[4], x[5], x[6], x[7]);
  const Ext factor = ext(fp_word(args.word), x[0], x[1], x[2]);
  for (u32 round = 0; round < args.rounds; ++round) {
    low = ext_mul(low, factor);
    high = ext_mul(high, factor);
  }
  UNROLL for (u32 i = 0; i < 4; ++i) {
    x[i] = low.c[i];
    x[4 + i] = high.c[i];
  }
  gpu_store(sums + gpu_gid.x, rates_sum(x));
}

KERNEL(rates_read, 256, BUF(0, DEVICE const u32* words), BUF(1, DEVICE u32* sums), ARGS(2, RatesReadArgs, args)) {
  u32 sum = 0;
  for (u32 i = gpu_gid.x; i < args.quads; i += args.step) {
    const U4 quad = gpu_load4(words + 4u * (u64)i);
    sum += quad.x + quad.y + quad.z + quad.w;
  }
  gpu_store(sums + gpu_gid.x, sum);
}
