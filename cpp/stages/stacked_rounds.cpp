#include "stages/stacked_rounds.h"

#include <algorithm>
#include <functional>
#include <map>

#include "poly/eq.h"
#include "poly/univariate.h"

namespace openswirl::stages {

std::vector<HeightClass> height_classes(const ProofShape& shape, const Ext& lambda) {
  std::map<uint32_t, HeightClass, std::greater<>> by_height;
  Ext weight = Ext::one();
  for (uint32_t c = 0; c < shape.commitments.size(); ++c) {
    for (const StackedSlice& slice : shape.commitments[c].layout.slices) {
      HeightClass& of_height = by_height[slice.log_height];
      const bool rotated = shape.commitments[c].need_rot[slice.matrix];
      of_height.columns.push_back(
          {c, slice.stacked_column, slice.start_row, weight, rotated ? weight * lambda : Ext::zero()});
      of_height.rotated |= rotated;
      weight *= lambda * lambda;
    }
  }
  std::vector<HeightClass> classes;
  for (auto& [log_height, of_height] : by_height) {
    of_height.log_height = log_height;
    of_height.n = static_cast<int32_t>(log_height) - static_cast<int32_t>(shape.params.l_skip);
    classes.push_back(std::move(of_height));
  }
  return classes;
}

std::vector<Ext> first_round_polynomial(uint32_t l_skip, std::span<const Ext> r,
                                        std::span<const HeightClass> classes,
                                        std::span<const FirstSums> sums) {
  const size_t size = size_t{1} << l_skip;
  // Every term is a product of two polynomials of degree < N, exact on the 2N-th roots of unity.
  const std::vector<Fp> points = powers(two_adic_generator(l_skip + 1), 2 * size);
  std::vector<Ext> values(2 * size, Ext::zero());
  for (size_t c = 0; c < classes.size(); ++c) {
    const size_t stride = size_t{1} << classes[c].log_stride();
    const auto extend = [&](const std::vector<Ext>& on_cells) {
      std::vector<Ext> on_domain(size, Ext::zero());
      for (size_t z = 0; z < on_cells.size(); ++z) on_domain[z * stride] = on_cells[z];
      inverse_dft(std::span(on_domain), l_skip);
      on_domain.resize(2 * size, Ext::zero());
      dft(std::span(on_domain), l_skip + 1);
      return on_domain;
    };
    const std::vector<Ext> p0 = extend(sums[c].plain), p1 = extend(sums[c].rotated),
                           p2 = extend(sums[c].successor);
    const TracePoint point = trace_point(l_skip, classes[c].n, r);
    const Ext shifted = point.z * two_adic_generator(point.log_domain);
    const Ext carry = eq_domain_at_one(point.log_domain, shifted);
    for (size_t i = 0; i < 2 * size; ++i) {
      const Ext z = points[i];
      Ext sum = eq_domain(point.log_domain, z, point.z) * p0[i];
      if (classes[c].rotated) {
        sum += eq_domain(point.log_domain, z, shifted) * p1[i];
        sum += carry * eq_domain_at_one(point.log_domain, z) * p2[i];
      }
      values[i] += strided_indicator(l_skip, classes[c].n, z) * sum;
    }
  }
  inverse_dft(std::span(values), l_skip + 1);
  values.resize(2 * (size - 1) + 1);
  return values;
}

KernelFactors kernel_factors(uint32_t l_skip, const HeightClass& of_height, std::span<const Ext> r,
                             const Ext& u0) {
  const TracePoint point = trace_point(l_skip, of_height.n, r);
  const Ext shifted = point.z * two_adic_generator(point.log_domain);
  const Ext indicator = strided_indicator(l_skip, of_height.n, u0);
  return {indicator * eq_domain(point.log_domain, u0, point.z),
          indicator * eq_domain(point.log_domain, u0, shifted),
          indicator * eq_domain_at_one(point.log_domain, u0) * eq_domain_at_one(point.log_domain, shifted)};
}

std::vector<Ext> block_weights(uint32_t l_skip, const HeightClass& of_height, const Ext& u0) {
  std::vector<Ext> weights;
  const Fp step = two_adic_generator(l_skip).pow(uint64_t{1} << of_height.log_stride());
  for (const Fp point : powers(step, size_t{1} << of_height.log_block())) {
    weights.push_back(eq_domain(l_skip, u0, Ext(point)));
  }
  return weights;
}

StackedRounds::StackedRounds(const ProofShape& shape, const Ext& lambda)
    : l_skip_(static_cast<uint32_t>(shape.params.l_skip)),
      classes_(height_classes(shape, lambda)),
      tables_(classes_.size()) {
  for (const CommitmentShape& commitment : shape.commitments) nodes_.emplace_back(commitment.layout.width);
}

void StackedRounds::add_nodes(size_t index, std::span<const Ext> values) {
  const HeightClass& of_height = classes_[index];
  const Tables& tables = tables_[index];
  const Ext rotation = tables.rotation.empty() ? Ext::zero() : tables.rotation[0];
  // Along a stacked column slices get shorter, and nodes are added at its front.
  for (size_t i = 0; i < values.size();) {
    // The columns of this height in one stacked column follow one another.
    const ReducedColumn& first = of_height.columns[i];
    std::vector<Node>& nodes = nodes_[first.commitment][first.stacked_column];
    std::vector<Node> added;
    for (; i < values.size() && of_height.columns[i].commitment == first.commitment &&
           of_height.columns[i].stacked_column == first.stacked_column;
         ++i) {
      const ReducedColumn& column = of_height.columns[i];
      added.push_back({column.start_row >> (l_skip_ + of_height.lifted_n()), values[i],
                       column.plain_weight * tables.eq[0] + column.rotated_weight * rotation});
    }
    nodes.insert(nodes.begin(), added.begin(), added.end());
  }
}

void StackedRounds::bind(const Ext& challenge) {
  for (Tables& tables : tables_) {
    if (tables.eq.size() <= 1) continue;
    for (std::vector<Ext>* table : {&tables.plain, &tables.eq, &tables.rotated, &tables.rotation}) {
      fold_lowest(*table, challenge);
    }
  }
  for (auto& commitment : nodes_) {
    for (std::vector<Node>& column : commitment) {
      size_t out = 0;
      for (size_t i = 0; i < column.size();) {
        const Node zero{0, Ext::zero(), Ext::zero()};
        const uint64_t index = column[i].index >> 1;
        const Node even = column[i].index % 2 == 0 ? column[i++] : zero;
        const Node odd = i < column.size() && column[i].index == 2 * index + 1 ? column[i++] : zero;
        column[out++] = {index, even.value + (odd.value - even.value) * challenge,
                         even.weight + (odd.weight - even.weight) * challenge};
      }
      column.resize(out, {0, Ext::zero(), Ext::zero()});
    }
  }
}

bool StackedRounds::empty() const {
  return std::ranges::all_of(tables_, [](const Tables& tables) { return tables.eq.empty(); });
}

std::array<Ext, 2> StackedRounds::sums() const {
  std::array<Ext, 2> sums = {Ext::zero(), Ext::zero()};
  // Values at 1 and 2 of the product of two lines.
  const auto add = [&](const Ext& a0, const Ext& a1, const Ext& b0, const Ext& b1) {
    sums[0] += a1 * b1;
    sums[1] += (a1 + a1 - a0) * (b1 + b1 - b0);
  };
  for (const Tables& tables : tables_) {
    for (size_t y = 0; y + 1 < tables.eq.size(); y += 2) {
      add(tables.plain[y], tables.plain[y + 1], tables.eq[y], tables.eq[y + 1]);
      if (tables.rotated.empty()) continue;
      add(tables.rotated[y], tables.rotated[y + 1], tables.rotation[y], tables.rotation[y + 1]);
    }
  }
  for (const auto& commitment : nodes_) {
    for (const std::vector<Node>& column : commitment) {
      for (size_t i = 0; i < column.size();) {
        const Node zero{0, Ext::zero(), Ext::zero()};
        const uint64_t index = column[i].index >> 1;
        const Node even = column[i].index % 2 == 0 ? column[i++] : zero;
        const Node odd = i < column.size() && column[i].index == 2 * index + 1 ? column[i++] : zero;
        add(even.value, odd.value, even.weight, odd.weight);
      }
    }
  }
  return sums;
}

std::vector<std::vector<Ext>> StackedRounds::openings() const {
  std::vector<std::vector<Ext>> openings;
  for (const auto& commitment : nodes_) {
    std::vector<Ext>& values = openings.emplace_back();
    for (const std::vector<Node>& column : commitment) {
      values.push_back(column.empty() ? Ext::zero() : column[0].value);
    }
  }
  return openings;
}

}  // namespace openswirl::stages
