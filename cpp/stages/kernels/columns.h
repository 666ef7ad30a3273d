// Column kernels over vectors of consecutive rows.
#pragma once

#include "stages/kernels/columns_table.h"
#include "stages/kernels/lanes.h"

namespace openswirl::OPENSWIRL_ISA {
namespace {

void import_rows(const uint32_t* in, size_t columns, size_t begin, size_t end, uint32_t* out,
                 size_t out_stride) {
  // A line of columns at a time, down enough rows that every column gets a good part of a page.
  constexpr size_t kStripe = 256, kColumns = 16;
  const auto import = [&](size_t from, size_t to, size_t first, size_t last) {
    for_lanes(from, to, [&]<class V>(Lanes<V>, size_t row) {
      for (size_t column = first; column < last; column += 4) {
        V quad[4];
        load_quads(in + row * columns + column, columns, quad);
        for (size_t j = 0; j < 4; ++j)
          (quad[j] * V::broadcast(Fp::kR2)).store(out + (column + j) * out_stride + row);
      }
    });
  };
  for (size_t stripe = begin; stripe < end; stripe += kStripe) {
    const size_t stripe_end = end - stripe < kStripe ? end : stripe + kStripe;
    size_t column = 0;
    for (; column + kColumns <= columns; column += kColumns)
      import(stripe, stripe_end, column, column + kColumns);
    const size_t quads = columns / 4 * 4;
    import(stripe, stripe_end, column, quads);
    for (column = quads; column < columns; ++column) {
      for (size_t row = stripe; row < stripe_end; ++row) {
        const auto word = scalar::Vec::load(in + row * columns + column) * scalar::Vec::broadcast(Fp::kR2);
        word.store(out + column * out_stride + row);
      }
    }
  }
}

void import_words(const uint32_t* in, uint32_t* out, size_t count) {
  for_lanes(0, count,
            [&]<class V>(Lanes<V>, size_t i) { (V::load(in + i) * V::broadcast(Fp::kR2)).store(out + i); });
}

void accumulate(const uint32_t* in, size_t in_stride, size_t columns, const uint32_t* coefficients,
                size_t begin, size_t end, uint32_t* out, size_t out_stride) {
  // Few streams at a time over a block of rows whose sums stay in the first-level cache.
  constexpr size_t kColumns = 8, kBlock = 1024;
  for (size_t block = begin; block < end; block += kBlock) {
    const size_t block_end = end - block < kBlock ? end : block + kBlock;
    for (size_t first = 0; first < columns; first += kColumns) {
      const size_t last = columns - first < kColumns ? columns : first + kColumns;
      for_lanes(block, block_end, [&]<class V>(Lanes<V>, size_t i) {
        using Wide = typename V::Accumulator;
        Wide sums[4] = {Wide::zero(), Wide::zero(), Wide::zero(), Wide::zero()};
        for (size_t c = first; c < last; ++c) {
          const V value = V::load(in + c * in_stride + i);
          for (size_t k = 0; k < 4; ++k) sums[k].add_product(value, V::broadcast(coefficients[4 * c + k]));
          if ((c - first) % 2 == 1) {
            for (Wide& sum : sums) sum.correct();
          }
        }
        for (size_t k = 0; k < 4; ++k) {
          sums[k].correct();
          uint32_t* target = out + k * out_stride + i;
          (V::load(target) + sums[k].reduce()).store(target);
        }
      });
    }
  }
}

void double_eq(uint32_t* table, size_t stride, size_t half, const uint32_t* x, size_t begin, size_t end) {
  for_lanes(begin, end, [&]<class V>(Lanes<V>, size_t b) {
    const auto low = ExtVec<V>::load_planes(table + b, stride);
    const auto high = low * ExtVec<V>::broadcast(x);
    high.store_planes(table + half + b, stride);
    (low - high).store_planes(table + b, stride);
  });
}

template <class V>
OPENSWIRL_INLINE void load_pairs(const uint32_t* table, size_t stride, size_t y, ExtVec<V>& even,
                                 ExtVec<V>& odd) {
  deinterleave_ext(ExtVec<V>::load_planes(table + 2 * y, stride),
                   ExtVec<V>::load_planes(table + 2 * y + V::kLanes, stride), even, odd);
}
template <>
OPENSWIRL_INLINE void load_pairs(const uint32_t* table, size_t stride, size_t y, ExtVec<scalar::Vec>& even,
                                 ExtVec<scalar::Vec>& odd) {
  even = ExtVec<scalar::Vec>::load_planes(table + 2 * y, stride);
  odd = ExtVec<scalar::Vec>::load_planes(table + 2 * y + 1, stride);
}

void moment_sums(const uint32_t* coefficients, const uint32_t* moments, size_t stride, size_t begin,
                 size_t end, uint32_t* sums) {
  const auto sum_lanes = [&]<class V>(Lanes<V>, size_t from, size_t to) {
    auto at_one = ExtVec<V>::zero(), at_two = ExtVec<V>::zero();
    for (size_t y = from; y < to; y += V::kLanes) {
      ExtVec<V> c0, c1, m0, m1;
      load_pairs(coefficients, stride, y, c0, c1);
      load_pairs(moments, stride, y, m0, m1);
      const auto c01 = c0 + c1;
      at_one = at_one + c01 * m1;
      at_two = at_two + (c01 + c1) * (m1 + m1 + m1 - m0);
    }
    add_lanes(at_one, sums);
    add_lanes(at_two, sums + 4);
  };
  const size_t whole = begin + (end - begin) / Vec::kLanes * Vec::kLanes;
  sum_lanes(Lanes<Vec>{}, begin, whole);
  if constexpr (Vec::kLanes > 1) sum_lanes(Lanes<scalar::Vec>{}, whole, end);
}

void bind_moments(const uint32_t* coefficients, const uint32_t* moments, size_t stride, const uint32_t* alpha,
                  size_t begin, size_t end, uint32_t* out_coefficients, uint32_t* out_moments,
                  size_t out_stride) {
  for_lanes(begin, end, [&]<class V>(Lanes<V>, size_t y) {
    const auto a = ExtVec<V>::broadcast(alpha);
    ExtVec<V> even, odd;
    load_pairs(coefficients, stride, y, even, odd);
    (even + odd * a).store_planes(out_coefficients + y, out_stride);
    load_pairs(moments, stride, y, even, odd);
    (even - odd + (odd + odd - even) * a).store_planes(out_moments + y, out_stride);
  });
}

constexpr stages::ColumnKernels make_column_kernels() {
  return {import_rows, import_words, accumulate, double_eq, moment_sums, bind_moments};
}

}  // namespace
}  // namespace openswirl::OPENSWIRL_ISA
