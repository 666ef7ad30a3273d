// Hashing kernels: the lanes of a vector hold the same position of different states.
#pragma once

#include "hash/kernels/states.h"
#include "stages/kernels/hashing_table.h"
#include "stages/kernels/lanes.h"

namespace openswirl::OPENSWIRL_ISA {
namespace {

// Digests of kLanes consecutive rows from `row` on, in the first eight elements.
template <class V>
OPENSWIRL_INLINE void hash_rows(const uint32_t* matrix, size_t column_stride, size_t width, size_t row,
                                StatesOf<V>& s) {
  for (size_t i = 0; i < 16; ++i) s.set(i, s.zero());
  for (size_t start = 0; start < width; start += 8) {
    const size_t count = width - start < 8 ? width - start : 8;
    for (size_t i = 0; i < count; ++i) {
      s.set(i, s.from_words(V::load(matrix + (start + i) * column_stride + row)));
    }
    // The next columns arrive while these are hashed: no hardware prefetcher follows that many streams.
    const size_t next = width - start < 16 ? width : start + 16;
    for (size_t c = start + 8; c < next; ++c) __builtin_prefetch(matrix + c * column_stride + row);
    s.permute();
  }
}

void query_digests(const uint32_t* matrix, size_t column_stride, size_t width, size_t rows_per_query,
                   size_t query_stride, size_t begin, size_t end, uint32_t* digests) {
  for_lanes(begin, end, [&]<class V>(Lanes<V>, size_t y) {
    // A binary counter of finished subtrees: pending[j] holds a subtree of 2^j leaves where bit j of t is
    // set.
    typename StatesOf<V>::Element pending[32][8];
    StatesOf<V> s;
    for (size_t t = 0; t < rows_per_query; ++t) {
      hash_rows<V>(matrix, column_stride, width, y + t * query_stride, s);
      size_t level = 0;
      for (; (t >> level) & 1; ++level) {
        for (size_t i = 0; i < 8; ++i) s.set(8 + i, s.get(i));
        for (size_t i = 0; i < 8; ++i) s.set(i, pending[level][i]);
        s.permute();
      }
      for (size_t i = 0; i < 8; ++i) pending[level][i] = s.get(i);
      if (t + 1 == rows_per_query) store_states<V>(s, 8, digests + 8 * y, 8);
    }
  });
}

void compress_layer(const uint32_t* children, uint32_t* parents, size_t begin, size_t end) {
  for_lanes(begin, end, [&]<class V>(Lanes<V>, size_t i) {
    StatesOf<V> s;
    load_states<V>(children + 16 * i, s);
    s.permute();
    store_states<V>(s, 8, parents + 8 * i, 8);
  });
}

uint32_t grind(const uint32_t* state, uint32_t position, uint32_t mask, uint32_t begin, uint32_t end) {
  uint32_t found = end;
  for_lanes(begin, end, [&]<class V>(Lanes<V>, size_t first) {
    if (found != end) return;
    StatesOf<V> s;
    for (size_t i = 0; i < 16; ++i) s.set(i, s.from_words(V::broadcast(state[i])));
    s.set(position, s.from_words(V::counting(static_cast<uint32_t>(first)) * V::broadcast(Fp::kR2)));
    s.template permute<Wanted::kElement7>();
    // A product with the word 1 leaves Montgomery form.
    uint32_t samples[V::kLanes];
    (s.to_words(s.get(7)) * V::broadcast(1)).store(samples);
    for (size_t l = V::kLanes; l-- > 0;) {
      if ((samples[l] & mask) == 0) found = static_cast<uint32_t>(first + l);
    }
  });
  return found;
}

constexpr stages::HashingKernels make_hashing_kernels() { return {query_digests, compress_layer, grind}; }

}  // namespace
}  // namespace openswirl::OPENSWIRL_ISA
