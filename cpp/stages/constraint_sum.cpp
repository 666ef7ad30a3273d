// Set-up and the univariate round.
#include "stages/constraint_sum.h"

#include <algorithm>
#include <map>

#include "constraints/batching.h"
#include "poly/eq.h"
#include "poly/univariate.h"
#include "stages/kernels.h"

namespace openswirl::stages {

ConstraintSumStage::ConstraintSumStage(const StageInputs& inputs, const Ext&, const Ext& beta,
                                       std::vector<Ext> xi, const Ext& lambda)
    : inputs_(inputs),
      l_skip_(static_cast<uint32_t>(inputs.shape.params.l_skip)),
      degree_(static_cast<uint32_t>(inputs.shape.params.max_constraint_degree)),
      lanes_(kernels().lanes),
      beta_(beta),
      lambda_(lambda),
      xi_(std::move(xi)) {
  auto weights = interaction_weights(*inputs.vk, inputs.shape, xi_);
  traces_.resize(inputs.traces.size());
  for (size_t t = 0; t < traces_.size(); ++t) {
    Trace& trace = traces_[t];
    trace.view = &inputs.traces[t];
    trace.interaction_weights = std::move(weights[t]);
    const uint32_t n = trace.view->shape.lifted_n;
    trace.eq_cube = eq_table(std::span<const Ext>(xi_).subspan(l_skip_, n));
    // Whole vectors of blocks are weighed at once.
    trace.eq_cube.resize(std::max<size_t>(trace.eq_cube.size(), 16 * lanes_), Ext::zero());
  }
  for (uint32_t c = 0; c < std::max<uint32_t>(degree_, 1); ++c) cosets_.emplace_back(l_skip_, c);
  eq_sharp_ = eq_table(std::span<const Ext>(xi_).first(l_skip_));
  inverse_dft(std::span(eq_sharp_), l_skip_);
}

Ext ConstraintSumStage::normalisation(const Trace& trace) const {
  const int32_t n = trace.view->shape.n;
  return Fp::one().div_2exp(n < 0 ? static_cast<unsigned>(-n) : 0);
}

ConstraintSumStage::Functional ConstraintSumStage::functional(const Trace& trace,
                                                              const Mixture& mixture) const {
  const ConstraintDag& dag = trace.dag();
  const std::vector<Ext> beta_powers = powers(beta_, max_message_length(dag) + 1);
  // One weight per distinct node and sum, however many interactions share it.
  std::map<std::pair<uint32_t, uint32_t>, Ext> weights;
  const auto add = [&](uint32_t node, uint32_t sum, const Ext& weight) {
    const auto [entry, added] = weights.try_emplace({node, sum}, weight);
    if (!added) entry->second += weight;
  };
  Functional result;
  for (size_t s = 0; s < dag.interactions.size(); ++s) {
    const Interaction& interaction = dag.interactions[s];
    const Ext& e = trace.interaction_weights[s];
    const Ext scaled = e * mixture.denominator;
    add(interaction.count, mixture.numerator_sum, e * mixture.numerator);
    for (size_t j = 0; j < interaction.message.size(); ++j) {
      add(interaction.message[j], mixture.denominator_sum, scaled * beta_powers[j]);
    }
    result.constant +=
        scaled * beta_powers[interaction.message.size()] * Fp::from_u32(uint32_t{interaction.bus_index} + 1);
  }
  if (!mixture.constraints.is_zero()) {
    Ext power = mixture.constraints;
    for (const uint32_t node : dag.constraint_idx) {
      add(node, mixture.constraint_sum, power);
      power *= lambda_;
    }
  }
  for (const auto& [key, weight] : weights) {
    result.outputs.push_back({key.first, key.second});
    result.weights.push_back(weight);
  }
  return result;
}

std::vector<Ext> ConstraintSumStage::evaluate_cosets(const Trace& trace, const ConstraintProgram& program,
                                                     const Functional& functional,
                                                     std::span<const Coset> cosets) const {
  const TraceShape& shape = trace.view->shape;
  const size_t size = size_t{1} << l_skip_, blocks = size_t{1} << shape.lifted_n;
  const BlockShape block = block_shape(blocks, size, 1, lanes_);
  const std::vector<Ext> weights = weight_table(program, functional.weights);
  const size_t per_block = block.groups * lanes_, row = per_block * size;
  ProgramBlocks evaluator(inputs_.context, program, *trace.view, block, 1, row + 1, weights, cosets.size());
  const std::vector<ColumnLeaf> leaves = column_leaves(program, *trace.view);

  // The selectors are zero (or one) but in the first and the last block.
  struct Ends {
    std::vector<Fp> first, last;
  };
  std::vector<Ends> ends(cosets.size());
  const uint32_t log_domain = std::min(l_skip_, shape.log_height);
  for (size_t c = 0; c < cosets.size(); ++c) {
    for (size_t z = 0; z < size; ++z) {
      const Fp point = cosets[c].point(z).pow(uint64_t{1} << (l_skip_ - log_domain));
      ends[c].first.push_back(eq_domain_at_one(log_domain, point));
      ends[c].last.push_back(eq_domain_at_one(log_domain, point * two_adic_generator(log_domain)));
    }
  }
  const auto load_selector = [&](LeafSource::Kind kind, const Ends& values, size_t start, uint32_t* out) {
    const bool is_first = kind == LeafSource::Kind::kFirst,
               is_transition = kind == LeafSource::Kind::kTransition;
    const size_t special = is_first ? 0 : blocks - 1;
    std::fill(out, out + row, is_transition ? Fp::one().word() : 0);
    if (special < start || special >= start + per_block) return;
    const size_t group = (special - start) / lanes_, lane = (special - start) % lanes_;
    for (size_t z = 0; z < size; ++z) {
      const Fp value = is_first        ? values.first[z]
                       : is_transition ? Fp::one() - values.last[z]
                                       : values.last[z];
      out[(group * size + z) * lanes_ + lane] = value.word();
    }
  };

  // All cosets of a block in turn, while its cells are in the cache.
  const size_t runs = (blocks + per_block - 1) / per_block * cosets.size();
  evaluator.run(runs, [&](ProgramBlocks::WorkingSet& set, size_t index) {
    const size_t start = index / cosets.size() * per_block, c = index % cosets.size();
    const CosetTables tables = cosets[c].tables();
    for (const ColumnLeaf& leaf : leaves) {
      const uint32_t* values = block_values(leaf.values, trace.view->parts[leaf.part].stride, shape, l_skip_,
                                            start * size, row, set.staging.data());
      kernels().constraints.load_coset(
          values, block.groups, tables, set.load_scratch.data(),
          leaf.plain_row == ColumnLeaf::kAbsent ? nullptr : set.row(leaf.plain_row),
          leaf.rotated_row == ColumnLeaf::kAbsent ? nullptr : set.row(leaf.rotated_row));
    }
    for (uint32_t i = 0; i < program.leaves.size(); ++i) {
      const LeafSource::Kind kind = program.leaves[i].kind;
      if (kind == LeafSource::Kind::kFirst || kind == LeafSource::Kind::kLast ||
          kind == LeafSource::Kind::kTransition) {
        load_selector(kind, ends[c], start, set.row(i));
      }
    }
    set.run.point_weights = words(trace.eq_cube.data() + start);
  });
  return evaluator.totals();
}

std::vector<ConstraintSumStage::Claim> ConstraintSumStage::sum_claims() {
  const size_t size = size_t{1} << l_skip_;
  const std::vector<Ext> eq_low = eq_table(std::span<const Ext>(xi_).first(l_skip_));
  std::vector<Claim> claims;
  for (Trace& trace : traces_) {
    Claim claim{Ext::zero(), Ext::zero()};
    if (!trace.dag().interactions.empty()) {
      const Functional functional = this->functional(trace, {Ext::one(), Ext::one(), Ext::zero(), 1, 0, 0});
      const ConstraintProgram program = compile_sums(*trace.view->air, functional.outputs);
      const std::vector<Ext> sums =
          evaluate_cosets(trace, program, functional, std::span<const Coset>(cosets_).first(1));
      trace.denominators.assign(sums.begin(), sums.begin() + static_cast<std::ptrdiff_t>(size));
      trace.numerators.assign(sums.begin() + static_cast<std::ptrdiff_t>(size), sums.end());
      // eq(xi[l..), x) sums to 1 over the cube.
      for (Ext& value : trace.denominators) value += functional.constant;
      for (size_t z = 0; z < size; ++z) {
        claim.numerator += eq_low[z] * trace.numerators[z];
        claim.denominator += eq_low[z] * trace.denominators[z];
      }
      claim.numerator *= normalisation(trace);
    }
    claims.push_back(claim);
  }
  return claims;
}

std::vector<Ext> ConstraintSumStage::first_round(const Ext& mu) {
  const size_t size = size_t{1} << l_skip_, count = traces_.size();
  mu_powers_ = powers(mu, 3 * count);
  // Values on the cosets, added up over the traces of one degree.
  struct Values {
    std::vector<Ext> logup, zerocheck;
  };
  std::map<uint32_t, Values> by_degree;
  for (size_t t = 0; t < count; ++t) {
    const Trace& trace = traces_[t];
    if (trace.dag().interactions.empty() && trace.dag().constraint_idx.empty()) continue;
    const uint32_t degree = std::max<uint32_t>(trace.degree(), 1);
    Values& values = by_degree[degree];
    values.logup.resize(degree * size, Ext::zero());
    values.zerocheck.resize((degree - 1) * size, Ext::zero());
    const Ext numerator = mu_powers_[2 * t] * normalisation(trace), denominator = mu_powers_[2 * t + 1];
    if (!trace.dag().interactions.empty()) {
      for (size_t z = 0; z < size; ++z) {
        values.logup[z] += numerator * trace.numerators[z] + denominator * trace.denominators[z];
      }
    }
    if (degree == 1) continue;
    const Functional functional =
        this->functional(trace, {numerator, denominator, mu_powers_[2 * count + t], 0, 0, 1});
    const ConstraintProgram program = compile_sums(*trace.view->air, functional.outputs);
    const std::vector<Ext> sums =
        evaluate_cosets(trace, program, functional, std::span<const Coset>(cosets_).subspan(1, degree - 1));
    for (size_t c = 1; c < degree; ++c) {
      const Ext* of_coset = sums.data() + (c - 1) * program.num_sums * size;
      for (size_t z = 0; z < size; ++z) {
        values.logup[c * size + z] += of_coset[z] + functional.constant;
        if (program.num_sums == 2) values.zerocheck[(c - 1) * size + z] += of_coset[size + z];
      }
    }
  }

  std::vector<Ext> logup, zerocheck;
  for (auto& [degree, values] : by_degree) {
    const std::span<const Coset> cosets = std::span<const Coset>(cosets_).first(degree);
    add_polynomial(logup, interpolate_cosets(l_skip_, cosets, values.logup));
    if (degree == 1) continue;
    // The constraints vanish on D: interpolate the quotient by Z^N - 1, which is constant on a coset.
    for (size_t c = 1; c < degree; ++c) {
      const Fp inverse = (cosets[c].vanishing_power() - Fp::one()).inverse();
      for (size_t z = 0; z < size; ++z) values.zerocheck[(c - 1) * size + z] *= inverse;
    }
    const std::vector<Ext> quotient = interpolate_cosets(l_skip_, cosets.subspan(1), values.zerocheck);
    std::vector<Ext> product(quotient.size() + size, Ext::zero());
    for (size_t i = 0; i < quotient.size(); ++i) {
      product[i] -= quotient[i];
      product[i + size] += quotient[i];
    }
    add_polynomial(zerocheck, product);
  }
  const std::vector<Ext> eq_first = eq_domain_coefficients(l_skip_, l_skip_ == 0 ? Ext::one() : xi_[0]);
  univariate_ = multiply_polynomials(eq_sharp_, logup);
  add_polynomial(univariate_, multiply_polynomials(eq_first, zerocheck));
  univariate_.resize((degree_ + 1) * (size - 1) + 1, Ext::zero());
  return univariate_;
}

}  // namespace openswirl::stages
