// Quads and sums of the WHIR sumcheck.
#ifndef OPENSWIRL_WHIR_H
#define OPENSWIRL_WHIR_H

#include "ext.h"

// Four neighbouring entries of a table of planes.
struct WhirQuad {
  Ext e[4];
};
// S(1) and S(2) of a round.
struct WhirSums {
  Ext one, two;
};

// A plane has at most 2^27 words, so that 32 bits count the words of a table.
FN WhirQuad whir_load(DEVICE const u32* table, u32 quad, u32 pitch) {
  const U4 a = gpu_load4(table + 4u * quad), b = gpu_load4(table + (pitch + 4u * quad));
  const U4 c = gpu_load4(table + (2u * pitch + 4u * quad)), d = gpu_load4(table + (3u * pitch + 4u * quad));
  WhirQuad result;
  result.e[0] = ext_words(a.x, b.x, c.x, d.x);
  result.e[1] = ext_words(a.y, b.y, c.y, d.y);
  result.e[2] = ext_words(a.z, b.z, c.z, d.z);
  result.e[3] = ext_words(a.w, b.w, c.w, d.w);
  return result;
}
FN void whir_store(DEVICE u32* table, u32 quad, u32 pitch, WhirQuad value) {
  UNROLL for (u32 k = 0; k < 4; ++k) {
    gpu_store4(table + (k * pitch + 4u * quad),
               gpu_u4(value.e[0].c[k].v, value.e[1].c[k].v, value.e[2].c[k].v, value.e[3].c[k].v));
  }
}

FN WhirSums whir_no_sums() {
  WhirSums result;
  result.one = ext_zero();
  result.two = ext_zero();
  return result;
}
FN WhirSums whir_add_pair(WhirSums sums, Ext c0, Ext c1, Ext m0, Ext m1) {
  const Ext c = ext_add(c0, c1), m = ext_sub(ext_add(m1, ext_add(m1, m1)), m0);
  WhirSums result;
  result.one = ext_add(sums.one, ext_mul(c, m1));
  result.two = ext_add(sums.two, ext_mul(ext_add(c, c1), m));
  return result;
}
#endif
