// Stacked reduction kernels: lanes are consecutive rows.
#pragma once

#include "stages/kernels/lanes.h"
#include "stages/kernels/stacking_table.h"

namespace openswirl::OPENSWIRL_ISA {
namespace {

void combine_rows(const uint32_t* const* columns, size_t count, const uint32_t* weights, size_t begin,
                  size_t end, void* scratch, uint32_t* out_plain, uint32_t* out_rotated) {
  const size_t coefficients = out_rotated != nullptr ? 8 : 4;
  // The rows of a tile stay in the first cache while the columns pass by, two of them for each correction.
  const auto pass = [&](auto lanes, size_t from, size_t to) {
    using V = typename decltype(lanes)::Type;
    auto* sums = static_cast<typename V::Accumulator*>(scratch);
    const size_t vectors = (to - from) / V::kLanes;
    for (size_t i = 0; i < coefficients * vectors; ++i) sums[i] = V::Accumulator::zero();
    for (size_t c = 0; c < count; c += 2) {
      const size_t d = c + 1 < count ? c + 1 : c;
      for (size_t k = 0; k < coefficients; ++k) {
        const V weight_c = V::broadcast(weights[8 * c + k]);
        const V weight_d = d == c ? V::zero() : V::broadcast(weights[8 * d + k]);
        for (size_t v = 0; v < vectors; ++v) {
          auto sum = sums[k * vectors + v];
          sum.add_product(V::load(columns[c] + from + v * V::kLanes), weight_c);
          sum.add_product(V::load(columns[d] + from + v * V::kLanes), weight_d);
          sum.correct();
          sums[k * vectors + v] = sum;
        }
      }
    }
    for (size_t half = 0; half < coefficients / 4; ++half) {
      uint32_t* out = half == 0 ? out_plain : out_rotated;
      for (size_t v = 0; v < vectors; ++v) {
        ExtVec<V> value;
        for (size_t k = 0; k < 4; ++k) value.c[k] = sums[(4 * half + k) * vectors + v].reduce();
        value.store(out + 4 * (from + v * V::kLanes));
      }
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
