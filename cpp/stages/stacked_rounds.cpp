#include "stages/stacked_rounds.h"

#include <algorithm>
#include <functional>
#include <map>

#include "poly/eq.h"
#include "poly/univariate.h"
#include "stages/chained_powers.h"
#include "stages/kernels.h"
#include "stages/words.h"

namespace openswirl::stages {

std::vector<HeightClass> height_classes(const ProofShape& shape, const Ext& lambda) {
  std::map<uint32_t, HeightClass, std::greater<>> by_height;
  size_t columns = 0;
  for (const CommitmentShape& commitment : shape.commitments) columns += commitment.layout.slices.size();
  const std::vector<Ext> weights = chained_powers(lambda * lambda, columns);
  size_t number = 0;
  HeightClass* last = nullptr;
  uint32_t last_height = 0;
  for (uint32_t c = 0; c < shape.commitments.size(); ++c) {
    for (const StackedSlice& slice : shape.commitments[c].layout.slices) {
      if (!last || last_height != slice.log_height) last = &by_height[slice.log_height];
      last_height = slice.log_height;
      HeightClass& of_height = *last;
      const bool rotated = shape.commitments[c].need_rot[slice.matrix];
      const Ext& weight = weights[number++];
      of_height.columns.push_back(
          {c, slice.stacked_column, slice.start_row, weight, rotated ? weight * lambda : Ext::zero()});
      of_height.rotated |= rotated;
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
      tables_(classes_.size()),
      variables_(static_cast<uint32_t>(shape.params.log_stacked_height()) - l_skip_) {
  for (const CommitmentShape& commitment : shape.commitments) nodes_.emplace_back(commitment.layout.width);
}

void StackedRounds::Planes::assign(size_t new_tables, size_t new_length) {
  tables = new_tables;
  length = new_length;
  // Folds read two whole vectors and write one.
  const size_t together = 2 * kernels().lanes;
  stride = (length + together - 1) / together * together;
  words.assign(4 * tables * stride, 0);
}

Ext StackedRounds::Planes::at(size_t i, size_t y) const {
  const uint32_t* at = words.data() + 4 * i * stride + y;
  return {Fp::from_word(at[0]), Fp::from_word(at[stride]), Fp::from_word(at[2 * stride]),
          Fp::from_word(at[3 * stride])};
}

void StackedRounds::set_tables(size_t index, const Tables& tables) {
  Planes& planes = tables_[index];
  planes.assign(classes_[index].rotated ? 4 : 2, tables.eq.size());
  const std::vector<Ext>* given[] = {&tables.plain, &tables.eq, &tables.rotated, &tables.rotation};
  for (size_t i = 0; i < planes.tables; ++i) {
    for (size_t y = 0; y < given[i]->size(); ++y) {
      for (size_t k = 0; k < 4; ++k) planes.table(i)[k * planes.stride + y] = (*given[i])[y].c[k].word();
    }
  }
}

std::vector<Ext> StackedRounds::node_weights(size_t index) const {
  const Planes& planes = tables_[index];
  const Ext eq = planes.at(1, 0), rotation = planes.tables == 4 ? planes.at(3, 0) : Ext::zero();
  std::vector<Ext> weights;
  for (const ReducedColumn& column : classes_[index].columns) {
    weights.push_back(column.plain_weight * eq);
    if (planes.tables == 4) weights.back() += column.rotated_weight * rotation;
  }
  return weights;
}

void StackedRounds::add_nodes(size_t index, std::span<const Ext> values, std::span<const Ext> weights) {
  const HeightClass& of_height = classes_[index];
  // Along a stacked column slices get shorter, and nodes are added at its front.
  for (size_t i = 0; i < values.size();) {
    // The columns of this height in one stacked column follow one another.
    const ReducedColumn& first = of_height.columns[i];
    std::vector<Node>& nodes = nodes_[first.commitment][first.stacked_column];
    std::vector<Node> added;
    for (; i < values.size() && of_height.columns[i].commitment == first.commitment &&
           of_height.columns[i].stacked_column == first.stacked_column;
         ++i) {
      added.push_back(
          {of_height.columns[i].start_row >> (l_skip_ + of_height.lifted_n()), values[i], weights[i]});
    }
    nodes.insert(nodes.begin(), added.begin(), added.end());
  }
  if (++joined_ == classes_.size()) make_dense();
}

void StackedRounds::make_dense() {
  size_t count = 0, columns = 0;
  for (const auto& commitment : nodes_) {
    columns += commitment.size();
    for (const std::vector<Node>& column : commitment) count += column.size();
  }
  const size_t length = columns << variables_;
  if (length > 2 * count) return;
  dense_.assign(2, length);
  uint32_t* at = dense_.words.data();
  for (const auto& commitment : nodes_) {
    for (const std::vector<Node>& column : commitment) {
      for (const Node& node : column) {
        for (size_t k = 0; k < 4; ++k) {
          at[k * dense_.stride + node.index] = node.value.c[k].word();
          at[(4 + k) * dense_.stride + node.index] = node.weight.c[k].word();
        }
      }
      at += size_t{1} << variables_;
    }
  }
  for (auto& commitment : nodes_) {
    for (std::vector<Node>& column : commitment) column = {};
  }
}

void StackedRounds::fold(Planes& planes, const Ext& challenge) {
  planes.length /= 2;
  for (size_t i = 0; i < planes.tables; ++i) {
    kernels().constraints.fold_planes(planes.table(i), planes.stride, planes.length, words(&challenge));
  }
}

void StackedRounds::bind(const Ext& challenge) {
  if (is_bound_) {
    --variables_;
    if (dense_.length > 0) fold(dense_, challenge);
  }
  is_bound_ = true;
  for (Planes& planes : tables_) {
    if (planes.length > 1) fold(planes, challenge);
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
  return std::ranges::all_of(tables_, [](const Planes& planes) { return planes.length == 0; });
}

// Of the product of two neighbouring tables. The values at 1 and 2 of the product of the lines a0, a1 and b0,
// b1 are those of the coefficients a0, a1 - a0 with the moments b0 + b1, b1.
void StackedRounds::add_sums(const Planes& planes, size_t first, std::array<Ext, 2>& sums) const {
  const size_t length = planes.length;
  std::vector<uint32_t> pairs(8 * length);
  for (size_t k = 0; k < 4; ++k) {
    const uint32_t* a = planes.words.data() + (4 * first + k) * planes.stride;
    const uint32_t* b = a + 4 * planes.stride;
    uint32_t* coefficients = pairs.data() + k * length;
    uint32_t* moments = coefficients + 4 * length;
    for (size_t y = 0; y < length; y += 2) {
      coefficients[y] = a[y];
      coefficients[y + 1] = (Fp::from_word(a[y + 1]) - Fp::from_word(a[y])).word();
      moments[y] = (Fp::from_word(b[y]) + Fp::from_word(b[y + 1])).word();
      moments[y + 1] = b[y + 1];
    }
  }
  kernels().columns.moment_sums(pairs.data(), pairs.data() + 4 * length, length, 0, length / 2,
                                words(sums.data()));
}

std::array<Ext, 2> StackedRounds::sums() const {
  std::array<Ext, 2> sums = {Ext::zero(), Ext::zero()};
  for (const Planes& planes : tables_) {
    if (planes.length <= 1) continue;
    for (size_t first = 0; first < planes.tables; first += 2) add_sums(planes, first, sums);
  }
  if (dense_.length > 0 && variables_ > 0) add_sums(dense_, 0, sums);
  // Values at 1 and 2 of the product of two lines.
  const auto add = [&](const Ext& a0, const Ext& a1, const Ext& b0, const Ext& b1) {
    sums[0] += a1 * b1;
    sums[1] += (a1 + a1 - a0) * (b1 + b1 - b0);
  };
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
  size_t number = 0;
  for (const auto& commitment : nodes_) {
    std::vector<Ext>& values = openings.emplace_back();
    if (dense_.length > 0) {
      for (size_t i = 0; i < commitment.size(); ++i) values.push_back(dense_.at(0, number++));
      continue;
    }
    for (const std::vector<Node>& column : commitment) {
      values.push_back(column.empty() ? Ext::zero() : column[0].value);
    }
  }
  return openings;
}

}  // namespace openswirl::stages
