// LogUp-GKR (protocol part 04, 4): the layers of the tree of fractions, and the rounds over one layer. A layer
// lies in two arrays p and q, node after node; its end is not stored where it is all padding.
#include "reduce.h"
#include "fractions_args.h"

struct Fraction {
  Ext p, q;
};

FN Fraction fraction_load(DEVICE const u32* p, DEVICE const u32* q, u32 p_words, u32 node, u32 stored,
                          Ext padding) {
  Fraction result;
  result.p = ext_zero();
  result.q = padding;
  if (node < stored) {
    result.p = p_words == 1 ? ext_from_fp(fp_load(p + node)) : ext_load(p + 4u * (u64)node);
    result.q = ext_load(q + 4u * (u64)node);
  }
  return result;
}

FN Fraction fraction_add(Fraction a, Fraction b) {
  Fraction result;
  result.p = ext_add(ext_mul(a.p, b.q), ext_mul(b.p, a.q));
  result.q = ext_mul(a.q, b.q);
  return result;
}

// Planes of 128 words: neighbouring threads use different banks.
FN Fraction fraction_from_group(THREADGROUP const u32* nodes, u32 node) {
  Fraction result;
  UNROLL
  for (u32 k = 0; k < 4u; ++k) {
    result.p.c[k] = fp_word(nodes[128u * k + node]);
    result.q.c[k] = fp_word(nodes[128u * (4u + k) + node]);
  }
  return result;
}
FN void fraction_to_group(THREADGROUP u32* nodes, u32 node, Fraction value) {
  UNROLL
  for (u32 k = 0; k < 4u; ++k) {
    nodes[128u * k + node] = value.p.c[k].v;
    nodes[128u * (4u + k) + node] = value.q.c[k].v;
  }
}

// Up to eight layers above 256 nodes of a layer. `layers` holds them one after another, each p then q. Above
// padding alone the sum is the padding of the next layer by itself.
KERNEL(fractions_add, 128, BUF(0, DEVICE const u32* p), BUF(1, DEVICE const u32* q), BUF(2, DEVICE u32* layers),
       ARGS(3, FractionsAddArgs, args)) {
  SHARED(u32, nodes, 1024);
  const Ext padding = ext_constant(args.padding);
  u32 node = gpu_gid.x;
  Fraction sum = fraction_add(fraction_load(p, q, args.p_words, 2u * node, args.stored[0], padding),
                              fraction_load(p, q, args.p_words, 2u * node + 1u, args.stored[0], padding));
  bool active = true;
  u64 start = 0;
  for (u32 layer = 1; layer <= args.layers; ++layer) {
    const u32 stored = args.stored[layer];
    if (active && node < stored) {
      ext_store(layers + start + 4u * (u64)node, sum.p);
      ext_store(layers + start + 4u * ((u64)stored + node), sum.q);
    }
    start += 8u * (u64)stored;
    if (active) fraction_to_group(nodes, gpu_tid.x, sum);
    gpu_barrier_threadgroup();
    active = gpu_tid.x < (128u >> layer);
    node = gpu_bid.x * (128u >> layer) + gpu_tid.x;
    if (active) {
      sum = fraction_add(fraction_from_group(nodes, 2u * gpu_tid.x),
                         fraction_from_group(nodes, 2u * gpu_tid.x + 1u));
    }
    gpu_barrier_threadgroup();
  }
}

// What one line of fractions p_b, q_b (b = 0, 1: the children) adds to the round's sums of
// h = p_0 q_1 + p_1 q_0 + lambda q_0 q_1: its value at 1 and the coefficient of X^2. The line's point at 0 is
// nodes 0 and 1, at 1 nodes 2 and 3.
struct LineSums {
  Ext one, square;
};
FN LineSums fraction_line(Fraction n0, Fraction n1, Fraction n2, Fraction n3, Ext lambda, Ext weight) {
  LineSums result;
  const Ext dq0 = ext_sub(n2.q, n0.q);
  const Ext at_one = ext_add(ext_mul(ext_add(n2.p, ext_mul(lambda, n2.q)), n3.q), ext_mul(n3.p, n2.q));
  const Ext square = ext_add(ext_mul(ext_add(ext_sub(n2.p, n0.p), ext_mul(lambda, dq0)), ext_sub(n3.q, n1.q)),
                             ext_mul(ext_sub(n3.p, n1.p), dq0));
  result.one = ext_mul(at_one, weight);
  result.square = ext_mul(square, weight);
  return result;
}

FN Ext fraction_weight(DEVICE const u32* eq, u32 low, u32 high, u32 log_low, u32 item) {
  return ext_mul(ext_load(eq + 4u * (low + (item & ((1u << log_low) - 1u)))),
                 ext_load(eq + 4u * (high + (item >> log_low))));
}

// Sums of a layer's first round; eight words of `sums` for each group.
KERNEL(fractions_round, 128, BUF(0, DEVICE const u32* p), BUF(1, DEVICE const u32* q), BUF(2, DEVICE const u32* eq),
       BUF(3, DEVICE u32* sums), ARGS(4, FractionsRoundArgs, args)) {
  SHARED(u32, scratch, 32);
  const Ext lambda = ext_constant(args.lambda), padding = ext_constant(args.padding);
  Ext one = ext_zero(), square = ext_zero();
  for (u32 z = gpu_gid.x; z < args.items; z += gpu_ntg.x * gpu_tgs.x) {
    const LineSums line = fraction_line(fraction_load(p, q, args.p_words, 4u * z, args.stored, padding),
                                        fraction_load(p, q, args.p_words, 4u * z + 1u, args.stored, padding),
                                        fraction_load(p, q, args.p_words, 4u * z + 2u, args.stored, padding),
                                        fraction_load(p, q, args.p_words, 4u * z + 3u, args.stored, padding),
                                        lambda, fraction_weight(eq, args.eq_low, args.eq_high, args.log_low, z));
    one = ext_add(one, line.one);
    square = ext_add(square, line.square);
  }
  group_store_sums(scratch, one, square, sums + 8u * gpu_bid.x, gpu_tid.x, gpu_lane, gpu_simd, gpu_tgs.x >> 5);
}

FN Fraction fraction_fold(DEVICE const u32* p, DEVICE const u32* q, u32 p_words, u32 node, u32 stored, Ext padding,
                          Ext challenge) {
  const Fraction low = fraction_load(p, q, p_words, node, stored, padding);
  const Fraction high = fraction_load(p, q, p_words, node + 2u, stored, padding);
  Fraction result;
  result.p = ext_add(low.p, ext_mul(challenge, ext_sub(high.p, low.p)));
  result.q = ext_add(low.q, ext_mul(challenge, ext_sub(high.q, low.q)));
  return result;
}

// Binds the lowest variable and sums the round over the next one, in one pass.
KERNEL(fractions_fold_round, 128, BUF(0, DEVICE const u32* p), BUF(1, DEVICE const u32* q),
       BUF(2, DEVICE const u32* eq), BUF(3, DEVICE u32* folded_p), BUF(4, DEVICE u32* folded_q),
       BUF(5, DEVICE u32* sums), ARGS(6, FractionsRoundArgs, args)) {
  SHARED(u32, scratch, 32);
  const Ext lambda = ext_constant(args.lambda), padding = ext_constant(args.padding);
  const Ext challenge = ext_constant(args.challenge);
  const u32 kept = 2u * ((args.stored + 3u) >> 2);
  Ext one = ext_zero(), square = ext_zero();
  for (u32 z = gpu_gid.x; z < args.items; z += gpu_ntg.x * gpu_tgs.x) {
    const Fraction n0 = fraction_fold(p, q, args.p_words, 8u * z, args.stored, padding, challenge);
    const Fraction n1 = fraction_fold(p, q, args.p_words, 8u * z + 1u, args.stored, padding, challenge);
    const Fraction n2 = fraction_fold(p, q, args.p_words, 8u * z + 4u, args.stored, padding, challenge);
    const Fraction n3 = fraction_fold(p, q, args.p_words, 8u * z + 5u, args.stored, padding, challenge);
    DEVICE u32* out_p = folded_p + 16u * (u64)z;
    DEVICE u32* out_q = folded_q + 16u * (u64)z;
    ext_store(out_p, n0.p);
    ext_store(out_p + 4, n1.p);
    ext_store(out_q, n0.q);
    ext_store(out_q + 4, n1.q);
    if (4u * z + 2u < kept) {
      ext_store(out_p + 8, n2.p);
      ext_store(out_p + 12, n3.p);
      ext_store(out_q + 8, n2.q);
      ext_store(out_q + 12, n3.q);
    }
    const LineSums line =
        fraction_line(n0, n1, n2, n3, lambda, fraction_weight(eq, args.eq_low, args.eq_high, args.log_low, z));
    one = ext_add(one, line.one);
    square = ext_add(square, line.square);
  }
  group_store_sums(scratch, one, square, sums + 8u * gpu_bid.x, gpu_tid.x, gpu_lane, gpu_simd, gpu_tgs.x >> 5);
}
