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

// One round's sums of h = p_0 q_1 + p_1 q_0 + lambda q_0 q_1 along lines of fractions p_b, q_b (b = 0, 1: the
// children): its value at 1, and the coefficient of X^2, which is h of the differences. An even lane has the
// line's point at 0 and finds the latter, its odd neighbour has the point at 1 and finds the former, by the
// same instructions.
FN Ext ext_of_neighbour(Ext a) {
  return ext_words(gpu_shuffle_xor(a.c[0].v, 1u), gpu_shuffle_xor(a.c[1].v, 1u), gpu_shuffle_xor(a.c[2].v, 1u),
                   gpu_shuffle_xor(a.c[3].v, 1u));
}
FN Ext line_value(Ext own, bool odd) {
  const Ext difference = ext_sub(ext_of_neighbour(own), own);
  return ext_words(odd ? own.c[0].v : difference.c[0].v, odd ? own.c[1].v : difference.c[1].v,
                   odd ? own.c[2].v : difference.c[2].v, odd ? own.c[3].v : difference.c[3].v);
}
FN Ext line_term(Fraction child0, Fraction child1, bool odd, Ext lambda) {
  const Ext q0 = line_value(child0.q, odd), q1 = line_value(child1.q, odd);
  const Ext p0 = line_value(child0.p, odd), p1 = line_value(child1.p, odd);
  return ext_add(ext_mul(ext_add(p0, ext_mul(lambda, q0)), q1), ext_mul(p1, q0));
}

// Zero for lines that are all padding: the host knows their sum.
FN Ext line_weight(DEVICE const u32* eq, u32 low, u32 high, u32 log_low, u32 line, u32 lines) {
  if (line >= lines) return ext_zero();
  return ext_mul(ext_load(eq + 4u * (low + (line & ((1u << log_low) - 1u)))),
                 ext_load(eq + 4u * (high + (line >> log_low))));
}

// Sums of a layer's first round; eight words of `sums` for each group. A thread has one point of a line: two
// nodes.
KERNEL(fractions_round, 128, BUF(0, DEVICE const u32* p), BUF(1, DEVICE const u32* q), BUF(2, DEVICE const u32* eq),
       BUF(3, DEVICE u32* sums), ARGS(4, FractionsRoundArgs, args)) {
  SHARED(u32, scratch, 32);
  const Ext lambda = ext_constant(args.lambda), padding = ext_constant(args.padding);
  Ext sum = ext_zero();
  // All threads stay together: neighbours exchange their points.
  for (u32 base = gpu_bid.x * gpu_tgs.x; base < 2u * args.lines; base += gpu_ntg.x * gpu_tgs.x) {
    const u32 point = base + gpu_tid.x;
    const Fraction child0 = fraction_load(p, q, args.p_words, 2u * point, args.stored, padding);
    const Fraction child1 = fraction_load(p, q, args.p_words, 2u * point + 1u, args.stored, padding);
    const Ext term = line_term(child0, child1, (point & 1u) != 0, lambda);
    sum = ext_add(sum, ext_mul(term, line_weight(eq, args.eq_low, args.eq_high, args.log_low, point >> 1, args.lines)));
  }
  group_store_parity_sums(scratch, sum, sums + 8u * gpu_bid.x, gpu_tid.x, gpu_lane, gpu_simd, gpu_tgs.x >> 5);
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
  const u32 kept = (args.stored + 3u) >> 2;  // points
  Ext sum = ext_zero();
  for (u32 base = gpu_bid.x * gpu_tgs.x; base < 2u * args.lines; base += gpu_ntg.x * gpu_tgs.x) {
    const u32 point = base + gpu_tid.x;
    const Fraction child0 = fraction_fold(p, q, args.p_words, 4u * point, args.stored, padding, challenge);
    const Fraction child1 = fraction_fold(p, q, args.p_words, 4u * point + 1u, args.stored, padding, challenge);
    if (point < kept) {
      ext_store(folded_p + 8u * (u64)point, child0.p);
      ext_store(folded_p + 8u * (u64)point + 4u, child1.p);
      ext_store(folded_q + 8u * (u64)point, child0.q);
      ext_store(folded_q + 8u * (u64)point + 4u, child1.q);
    }
    const Ext term = line_term(child0, child1, (point & 1u) != 0, lambda);
    sum = ext_add(sum, ext_mul(term, line_weight(eq, args.eq_low, args.eq_high, args.log_low, point >> 1, args.lines)));
  }
  group_store_parity_sums(scratch, sum, sums + 8u * gpu_bid.x, gpu_tid.x, gpu_lane, gpu_simd, gpu_tgs.x >> 5);
}
