// Stacked reduction kernels: lanes are consecutive rows.
#pragma once

#include "stages/kernels/lanes.h"
#include "stages/kernels/stacking_table.h"

namespace openswirl::OPENSWIRL_ISA {
namespace {

// Rows [from, to) of all columns with `coefficients` weights each, which lie eight apart.
template <class V, size_t coefficients>
OPENSWIRL_INLINE void combine_tile(const uint32_t* const* columns, size_t count, const uint32_t* weights,
                                   size_t from, size_t to, void* scratch, uint32_t* const* out) {
  // Sums stay in registers for some columns, of which the rows of a tile stay in the first cache.
  constexpr size_t kColumns = 16;
  using Sum = typename V::Accumulator;
  for (size_t first = 0; first < count || first == 0; first += kColumns) {
    const size_t last = count - first < kColumns ? count : first + kColumns;
    auto* kept = static_cast<Sum*>(scratch);
    for (size_t row = from; row < to; row += V::kLanes, kept += coefficients) {
      Sum sums[coefficients];
      for (size_t k = 0; k < coefficients; ++k) sums[k] = first == 0 ? Sum::zero() : kept[k];
      for (size_t c = first; c < last; ++c) {
        const V value = V::load(columns[c] + row);
        for (size_t k = 0; k < coefficients; ++k)
          sums[k].add_product(value, V::broadcast(weights[8 * c + k]));
        // A corrected sum has room for two products.
        if ((c - first) % 2 == 1 || c + 1 == last) {
          for (Sum& sum : sums) sum.correct();
        }
      }
      if (last < count) {
        for (size_t k = 0; k < coefficients; ++k) kept[k] = sums[k];
        continue;
      }
      for (size_t half = 0; half < coefficients / 4; ++half) {
        ExtVec<V> value;
        for (size_t k = 0; k < 4; ++k) value.c[k] = sums[4 * half + k].reduce();
        value.store(out[half] + 4 * row);
      }
    }
  }
}

void combine_rows(const uint32_t* const* columns, size_t count, const uint32_t* weights, size_t begin,
                  size_t end, void* scratch, uint32_t* out_plain, uint32_t* out_rotated) {
  uint32_t* const out[2] = {out_plain, out_rotated};
  const auto pass = [&](auto lanes, size_t from, size_t to) {
    using V = typename decltype(lanes)::Type;
    if (out_rotated != nullptr) {
      combine_tile<V, 8>(columns, count, weights, from, to, scratch, out);
    } else {
      combine_tile<V, 4>(columns, count, weights, from, to, scratch, out);
    }
  };
  const size_t whole = begin + (end - begin) / Vec::kLanes * Vec::kLanes;
  if (whole > begin) pass(Lanes<Vec>{}, begin, whole);
  if (whole < end) pass(Lanes<scalar::Vec>{}, whole, end);
}

void column_products(const uint32_t* const* columns, size_t count, const uint32_t* table, size_t stride,
                     size_t begin, size_t end, uint32_t* sums) {
  const auto pass = [&](auto lanes, size_t from, size_t to, const uint32_t* column, uint32_t* out) {
    using V = typename decltype(lanes)::Type;
    using Sum = typename V::Accumulator;
    Sum sum[4] = {Sum::zero(), Sum::zero(), Sum::zero(), Sum::zero()};
    size_t pending = 0;
    for (size_t row = from; row < to; row += V::kLanes) {
      const V value = V::load(column + row);
      for (size_t k = 0; k < 4; ++k) sum[k].add_product(value, V::load(table + k * stride + row));
      if (++pending % 2 == 0) {
        for (size_t k = 0; k < 4; ++k) sum[k].correct();
      }
    }
    for (size_t k = 0; k < 4; ++k) sum[k].correct();
    const ExtVec<V> reduced = {{sum[0].reduce(), sum[1].reduce(), sum[2].reduce(), sum[3].reduce()}};
    add_lanes(reduced, out);
  };
  const size_t whole = begin + (end - begin) / Vec::kLanes * Vec::kLanes;
  for (size_t c = 0; c < count; ++c) {
    if (whole > begin) pass(Lanes<Vec>{}, begin, whole, columns[c], sums + 4 * c);
    if (whole < end) pass(Lanes<scalar::Vec>{}, whole, end, columns[c], sums + 4 * c);
  }
}

constexpr stages::StackingKernels make_stacking_kernels() { return {combine_rows, column_products}; }

}  // namespace
}  // namespace openswirl::OPENSWIRL_ISA
