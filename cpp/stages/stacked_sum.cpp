#include "stages/stacked_sum.h"

#include <algorithm>
#include <map>
#include <mutex>

#include "poly/eq.h"
#include "poly/univariate.h"
#include "stages/kernels.h"

namespace openswirl::stages {
namespace {

constexpr size_t kTileRows = 256;  // rows

uint32_t* words(Ext* values) { return reinterpret_cast<uint32_t*>(values); }

// eq_x and eq_{x-1} - eq_x over the cube, x - 1 cyclic.
std::vector<Ext> successor_table(std::span<const Ext> eq) {
  std::vector<Ext> table(eq.size());
  for (size_t x = 0; x < eq.size(); ++x) table[x] = eq[(x + eq.size() - 1) & (eq.size() - 1)] - eq[x];
  return table;
}

}  // namespace

StackedSumStage::StackedSumStage(const StageInputs& inputs, std::span<const Ext> r, const Ext& lambda)
    : inputs_(inputs), l_skip_(static_cast<uint32_t>(inputs.shape.params.l_skip)), r_(r.begin(), r.end()) {
  std::map<uint32_t, HeightClass, std::greater<>> by_height;
  Ext weight = Ext::one();
  for (uint32_t c = 0; c < inputs.commitments.size(); ++c) {
    const StackedLayout& layout = *inputs.commitments[c].layout;
    nodes_.emplace_back(layout.width);
    for (const StackedSlice& slice : layout.slices) {
      HeightClass& of_height = by_height[slice.log_height];
      const bool rotated = inputs.shape.commitments[c].need_rot[slice.matrix];
      const Fp* values = inputs.commitments[c].stacked +
                         (uint64_t{slice.stacked_column} << layout.log_stacked_height) + slice.start_row;
      of_height.columns.push_back({reinterpret_cast<const uint32_t*>(values), c, slice.stacked_column,
                                   slice.start_row, weight, rotated ? weight * lambda : Ext::zero()});
      of_height.rotated |= rotated;
      weight *= lambda * lambda;
    }
  }
  for (auto& [log_height, of_height] : by_height) {
    of_height.log_height = log_height;
    of_height.n = static_cast<int32_t>(log_height) - static_cast<int32_t>(l_skip_);
    if (of_height.n < 0) {
      const size_t height = size_t{1} << log_height, stride = size_t{1} << -of_height.n;
      of_height.gathered = inputs.context.buffer<Fp>(of_height.columns.size() * height, "short columns");
      auto* out = reinterpret_cast<uint32_t*>(of_height.gathered.data());
      for (Column& column : of_height.columns) {
        for (size_t i = 0; i < height; ++i) out[i] = column.values[i * stride];
        column.values = out;
        out += height;
      }
    }
    classes_.push_back(std::move(of_height));
  }
}

void StackedSumStage::combine(HeightClass& height_class) {
  const size_t height = size_t{1} << height_class.log_height, count = height_class.columns.size();
  std::vector<const uint32_t*> columns;
  std::vector<Ext> weights;
  for (const Column& column : height_class.columns) {
    columns.push_back(column.values);
    weights.push_back(column.plain_weight);
    weights.push_back(column.rotated_weight);
  }
  height_class.plain_cells = inputs_.context.buffer<Ext>(height, "combined columns");
  if (height_class.rotated)
    height_class.rotated_cells = inputs_.context.buffer<Ext>(height, "combined columns");
  const size_t tiles = (height + kTileRows - 1) / kTileRows;
  inputs_.context.parallel_for(tiles, std::max<size_t>(1, 4096 / count), [&](size_t begin, size_t end) {
    auto scratch = inputs_.context.buffer<uint64_t>(8 * kTileRows, "combined columns");
    for (size_t tile = begin; tile < end; ++tile) {
      kernels().stacking.combine(columns.data(), count, words(weights.data()), tile * kTileRows,
                                 std::min(height, (tile + 1) * kTileRows), scratch.data(),
                                 words(height_class.plain_cells.data()),
                                 height_class.rotated ? words(height_class.rotated_cells.data()) : nullptr);
    }
  });
}

std::vector<Ext> StackedSumStage::first_round() {
  const size_t size = size_t{1} << l_skip_;
  // Every term is a product of two polynomials of degree < N, exact on the 2N-th roots of unity.
  const std::vector<Fp> points = powers(two_adic_generator(l_skip_ + 1), 2 * size);
  std::vector<Ext> values(2 * size, Ext::zero());
  const auto extend = [&](std::vector<Ext> on_domain) {
    inverse_dft(std::span(on_domain), l_skip_);
    on_domain.resize(2 * size, Ext::zero());
    dft(std::span(on_domain), l_skip_ + 1);
    return on_domain;
  };
  for (HeightClass& height_class : classes_) {
    combine(height_class);
    const TracePoint point = trace_point(l_skip_, height_class.n, r_);
    const size_t stride = height_class.n < 0 ? size_t{1} << -height_class.n : 1;
    const size_t block = size / stride;
    const std::vector<Ext> eq = eq_table(point.cube), successor = successor_table(eq);
    // G0, G1, G2 of part 05, 9.2 on D.
    std::vector<Ext> g0(size, Ext::zero()), g1 = g0, g2 = g0;
    std::mutex mutex;
    inputs_.context.parallel_for(eq.size(), std::max<size_t>(1, 8192 / block), [&](size_t begin, size_t end) {
      std::vector<Ext> h0(block, Ext::zero()), h1 = h0, h2 = h0;
      for (size_t x = begin; x < end; ++x) {
        for (size_t z = 0; z < block; ++z) {
          h0[z] += height_class.plain_cells[x * block + z] * eq[x];
          if (!height_class.rotated) continue;
          const Ext& cell = height_class.rotated_cells[x * block + z];
          h1[z] += cell * eq[x];
          h2[z] += cell * successor[x];
        }
      }
      const std::lock_guard lock(mutex);
      for (size_t z = 0; z < block; ++z)
        g0[z * stride] += h0[z], g1[z * stride] += h1[z], g2[z * stride] += h2[z];
    });
    const std::vector<Ext> p0 = extend(std::move(g0)), p1 = extend(std::move(g1)), p2 = extend(std::move(g2));
    const Ext shifted = point.z * two_adic_generator(point.log_domain);
    const Ext carry = eq_domain_at_one(point.log_domain, shifted);
    for (size_t i = 0; i < 2 * size; ++i) {
      const Ext z = points[i];
      Ext sum = eq_domain(point.log_domain, z, point.z) * p0[i];
      if (height_class.rotated) {
        sum += eq_domain(point.log_domain, z, shifted) * p1[i];
        sum += carry * eq_domain_at_one(point.log_domain, z) * p2[i];
      }
      values[i] += strided_indicator(l_skip_, height_class.n, z) * sum;
    }
  }
  inverse_dft(std::span(values), l_skip_ + 1);
  values.resize(2 * (size - 1) + 1);
  return values;
}

void StackedSumStage::bind_z(const Ext& u0) {
  const size_t size = size_t{1} << l_skip_;
  std::vector<Ext> lagrange;
  for (const Fp point : powers(two_adic_generator(l_skip_), size)) {
    lagrange.push_back(eq_domain(l_skip_, u0, Ext(point)));
  }
  for (HeightClass& height_class : classes_) {
    const TracePoint point = trace_point(l_skip_, height_class.n, r_);
    const Ext shifted = point.z * two_adic_generator(point.log_domain);
    const Ext indicator = strided_indicator(l_skip_, height_class.n, u0);
    const Ext eq_factor = indicator * eq_domain(point.log_domain, u0, point.z);
    const Ext rotation_factor = indicator * eq_domain(point.log_domain, u0, shifted);
    const Ext carry =
        indicator * eq_domain_at_one(point.log_domain, u0) * eq_domain_at_one(point.log_domain, shifted);
    const std::vector<Ext> eq = eq_table(point.cube), successor = successor_table(eq);
    height_class.eq.resize(eq.size());
    height_class.rotation_kernel.resize(eq.size());
    for (size_t x = 0; x < eq.size(); ++x) {
      height_class.eq[x] = eq_factor * eq[x];
      height_class.rotation_kernel[x] = rotation_factor * eq[x] + carry * successor[x];
    }
    if (height_class.lifted_n() > 0) {
      const auto fold = [&](const Buffer<Ext>& cells) {
        std::vector<Ext> folded(eq.size(), Ext::zero());
        inputs_.context.parallel_for(folded.size(), std::max<size_t>(1, 8192 / size),
                                     [&](size_t begin, size_t end) {
                                       for (size_t x = begin; x < end; ++x) {
                                         for (size_t z = 0; z < size; ++z)
                                           folded[x] += cells[x * size + z] * lagrange[z];
                                       }
                                     });
        return folded;
      };
      height_class.plain = fold(height_class.plain_cells);
      if (height_class.rotated) height_class.rotation = fold(height_class.rotated_cells);
    }
    height_class.plain_cells = {};
    height_class.rotated_cells = {};
  }
}

std::vector<Ext> StackedSumStage::column_values(const HeightClass& height_class) const {
  const size_t height = size_t{1} << height_class.log_height, count = height_class.columns.size();
  const size_t stride = height_class.n < 0 ? size_t{1} << -height_class.n : 1;
  const size_t block = (size_t{1} << l_skip_) / stride;
  const std::vector<Ext> eq = eq_table(std::span<const Ext>(u_).subspan(1, height_class.lifted_n()));
  std::vector<Ext> lagrange;
  for (const Fp point : powers(two_adic_generator(l_skip_).pow(stride), block)) {
    lagrange.push_back(eq_domain(l_skip_, u_[0], Ext(point)));
  }
  auto table = inputs_.context.buffer<Fp>(4 * height, "opening weights");
  inputs_.context.parallel_for(height, 4096, [&](size_t begin, size_t end) {
    for (size_t row = begin; row < end; ++row) {
      const Ext weight = lagrange[row & (block - 1)] * eq[row / block];
      for (size_t k = 0; k < 4; ++k) table[k * height + row] = weight.c[k];
    }
  });

  std::vector<const uint32_t*> columns;
  for (const Column& column : height_class.columns) columns.push_back(column.values);
  std::vector<Ext> values(count, Ext::zero());
  constexpr size_t kRows = 2048;  // their weights stay in the first cache
  inputs_.context.parallel_for(
      count, std::max<size_t>(1, (size_t{1} << 22) / height), [&](size_t begin, size_t end) {
        for (size_t row = 0; row < height; row += kRows) {
          kernels().stacking.products(columns.data() + begin, end - begin,
                                      reinterpret_cast<const uint32_t*>(table.data()), height, row,
                                      std::min(height, row + kRows), words(values.data() + begin));
        }
      });
  return values;
}

void StackedSumStage::add_nodes() {
  const auto bound = static_cast<uint32_t>(u_.size() - 1);
  // Shortest first: along a stacked column slices get shorter, and nodes are added at its front.
  for (auto it = classes_.rbegin(); it != classes_.rend(); ++it) {
    HeightClass& height_class = *it;
    if (height_class.lifted_n() != bound) continue;
    const std::vector<Ext> values = column_values(height_class);
    for (size_t i = 0; i < values.size();) {
      // The columns of this height in one stacked column follow one another.
      const Column& first = height_class.columns[i];
      std::vector<StackedNode>& nodes = nodes_[first.commitment][first.stacked_column];
      std::vector<StackedNode> added;
      for (; i < values.size() && height_class.columns[i].commitment == first.commitment &&
             height_class.columns[i].stacked_column == first.stacked_column;
           ++i) {
        const Column& column = height_class.columns[i];
        added.push_back({column.start_row >> (l_skip_ + bound), values[i],
                         column.plain_weight * height_class.eq[0] +
                             column.rotated_weight * height_class.rotation_kernel[0]});
      }
      nodes.insert(nodes.begin(), added.begin(), added.end());
    }
    height_class.plain.clear();
    height_class.rotation.clear();
  }
}

void StackedSumStage::bind(const Ext& challenge) {
  u_.push_back(challenge);
  if (u_.size() == 1) {
    bind_z(challenge);
  } else {
    for (HeightClass& height_class : classes_) {
      if (height_class.eq.size() == 1) continue;
      fold_lowest(height_class.eq, challenge);
      fold_lowest(height_class.rotation_kernel, challenge);
      fold_lowest(height_class.plain, challenge);
      if (height_class.rotated) fold_lowest(height_class.rotation, challenge);
    }
    for (auto& commitment : nodes_) {
      for (std::vector<StackedNode>& column : commitment) {
        size_t out = 0;
        for (size_t i = 0; i < column.size();) {
          const StackedNode zero{0, Ext::zero(), Ext::zero()};
          const uint64_t index = column[i].index >> 1;
          const StackedNode even = column[i].index % 2 == 0 ? column[i++] : zero;
          const StackedNode odd = i < column.size() && column[i].index == 2 * index + 1 ? column[i++] : zero;
          column[out++] = {index, even.value + (odd.value - even.value) * challenge,
                           even.weight + (odd.weight - even.weight) * challenge};
        }
        column.resize(out, {0, Ext::zero(), Ext::zero()});
      }
    }
  }
  add_nodes();
}

std::array<Ext, 2> StackedSumStage::next(const Ext& challenge) {
  bind(challenge);
  std::array<Ext, 2> sums = {Ext::zero(), Ext::zero()};
  // Values at 1 and 2 of the product of two lines.
  const auto add = [&](const Ext& a0, const Ext& a1, const Ext& b0, const Ext& b1) {
    sums[0] += a1 * b1;
    sums[1] += (a1 + a1 - a0) * (b1 + b1 - b0);
  };
  for (const HeightClass& height_class : classes_) {
    for (size_t y = 0; y + 1 < height_class.plain.size(); y += 2) {
      add(height_class.plain[y], height_class.plain[y + 1], height_class.eq[y], height_class.eq[y + 1]);
    }
    for (size_t y = 0; y + 1 < height_class.rotation.size(); y += 2) {
      add(height_class.rotation[y], height_class.rotation[y + 1], height_class.rotation_kernel[y],
          height_class.rotation_kernel[y + 1]);
    }
  }
  for (const auto& commitment : nodes_) {
    for (const std::vector<StackedNode>& column : commitment) {
      for (size_t i = 0; i < column.size();) {
        const StackedNode zero{0, Ext::zero(), Ext::zero()};
        const uint64_t index = column[i].index >> 1;
        const StackedNode even = column[i].index % 2 == 0 ? column[i++] : zero;
        const StackedNode odd = i < column.size() && column[i].index == 2 * index + 1 ? column[i++] : zero;
        add(even.value, odd.value, even.weight, odd.weight);
      }
    }
  }
  return sums;
}

std::vector<std::vector<Ext>> StackedSumStage::finish(const Ext& challenge) {
  bind(challenge);
  std::vector<std::vector<Ext>> openings;
  for (const auto& commitment : nodes_) {
    std::vector<Ext>& values = openings.emplace_back();
    for (const std::vector<StackedNode>& column : commitment) {
      values.push_back(column.empty() ? Ext::zero() : column[0].value);
    }
  }
  return openings;
}

}  // namespace openswirl::stages
