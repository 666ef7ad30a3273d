#include "stages/constraint_rounds.h"

#include <algorithm>
#include <map>

#include "constraints/batching.h"
#include "poly/eq.h"
#include "poly/univariate.h"

namespace openswirl::stages {

uint32_t cosets_after_domain(const AirVk& air, const RowFunctions& functions) {
  if (functions.constraints.empty() && functions.counts.empty()) return 0;
  return std::max<uint32_t>(air.max_constraint_degree, 1) - 1;
}

std::vector<Coset> round_cosets(const SystemParams& params) {
  std::vector<Coset> cosets;
  for (uint32_t c = 0; c < std::max<uint64_t>(params.max_constraint_degree, 1); ++c) {
    cosets.emplace_back(static_cast<uint32_t>(params.l_skip), c);
  }
  return cosets;
}

Positions positions_of(const AirVk& air, uint64_t max_constraint_degree) {
  // Traces of full degree need no value at 0: the claim has it.
  if (air.max_constraint_degree == max_constraint_degree) return {1, air.max_constraint_degree};
  return {0, uint32_t{air.max_constraint_degree} + 1};
}

ConstraintRounds::ConstraintRounds(const VerifyingKey& vk, const ProofShape& shape,
                                   const std::vector<const RowFunctions*>& functions, const Ext& beta,
                                   std::vector<Ext> xi, const Ext& lambda)
    : l_skip_(static_cast<uint32_t>(shape.params.l_skip)),
      degree_(static_cast<uint32_t>(shape.params.max_constraint_degree)),
      beta_(beta),
      lambda_(lambda),
      xi_(std::move(xi)) {
  auto weights = interaction_weights(vk, shape, xi_);
  for (size_t t = 0; t < shape.traces.size(); ++t) {
    const AirVk& air = vk.airs[shape.traces[t].air_id];
    traces_.push_back({&shape.traces[t], &air, functions[t], std::move(weights[t]), {}, {}});
  }
  cosets_ = round_cosets(shape.params);
  eq_sharp_ = eq_table(std::span<const Ext>(xi_).first(l_skip_));
  inverse_dft(std::span(eq_sharp_), l_skip_);
}

Ext ConstraintRounds::normalisation(size_t trace) const {
  const int32_t n = traces_[trace].shape->n;
  return Fp::one().div_2exp(n < 0 ? static_cast<unsigned>(-n) : 0);
}

RowFactors ConstraintRounds::factors(size_t t) const {
  if (mu_powers_.empty()) return {Ext::zero(), Ext::one(), Ext::one()};
  return {zerocheck_ * mu_powers_[2 * traces_.size() + t], logup_ * mu_powers_[2 * t + 1],
          logup_ * mu_powers_[2 * t] * normalisation(t)};
}

RowWeights ConstraintRounds::weights(size_t t) const {
  const Trace& trace = traces_[t];
  RowWeights weights = row_weights(trace.air->constraints, *trace.functions, trace.interaction_weights, beta_,
                                   lambda_, factors(t));
  weights.constant = constant(t);
  return weights;
}

Ext ConstraintRounds::constant(size_t t) const {
  const Trace& trace = traces_[t];
  if (!trace.constant) {
    trace.constant = row_constant(trace.air->constraints, trace.interaction_weights, beta_);
  }
  return *trace.constant * factors(t).messages;
}

std::vector<ConstraintRounds::Claim> ConstraintRounds::claims(std::vector<DomainSums> sums) {
  const std::vector<Ext> eq_low = eq_table(std::span<const Ext>(xi_).first(l_skip_));
  std::vector<Claim> claims;
  for (size_t t = 0; t < traces_.size(); ++t) {
    DomainSums& domain = traces_[t].domain = std::move(sums[t]);
    Claim claim{Ext::zero(), Ext::zero()};
    if (!domain.messages.empty()) {
      // eq(xi[l..), x) sums to 1 over the cube.
      const Ext constant = this->constant(t);
      for (size_t z = 0; z < eq_low.size(); ++z) {
        domain.messages[z] += constant;
        claim.numerator += eq_low[z] * domain.counts[z];
        claim.denominator += eq_low[z] * domain.messages[z];
      }
      claim.numerator *= normalisation(t);
    }
    claims.push_back(claim);
  }
  return claims;
}

void ConstraintRounds::batch(const Ext& mu) { mu_powers_ = powers(mu, 3 * traces_.size()); }

std::vector<Ext> ConstraintRounds::univariate(std::span<const CosetSums> sums) {
  const size_t size = size_t{1} << l_skip_;
  // Values on the cosets, added up over the traces of one degree.
  struct Values {
    std::vector<Ext> logup, zerocheck;
  };
  std::map<uint32_t, Values> by_degree;
  for (size_t t = 0; t < traces_.size(); ++t) {
    const RowFunctions& nodes = functions(t);
    if (nodes.constraints.empty() && nodes.counts.empty()) continue;
    const uint32_t cosets = 1 + num_cosets(t);
    Values& values = by_degree[cosets];
    values.logup.resize(cosets * size, Ext::zero());
    values.zerocheck.resize((cosets - 1) * size, Ext::zero());
    const DomainSums& domain = traces_[t].domain;
    const Ext numerator = mu_powers_[2 * t] * normalisation(t), denominator = mu_powers_[2 * t + 1];
    for (size_t z = 0; z < domain.counts.size(); ++z) {
      values.logup[z] += numerator * domain.counts[z] + denominator * domain.messages[z];
    }
    const Ext constant = nodes.counts.empty() ? Ext::zero() : this->constant(t);
    for (size_t i = 0; i < sums[t].logup.size(); ++i) {
      values.logup[size + i] += sums[t].logup[i] + constant;
    }
    for (size_t i = 0; i < sums[t].constraints.size(); ++i) values.zerocheck[i] += sums[t].constraints[i];
  }

  std::vector<Ext> logup, zerocheck;
  for (auto& [count, values] : by_degree) {
    const std::span<const Coset> cosets = std::span<const Coset>(cosets_).first(count);
    add_polynomial(logup, interpolate_cosets(l_skip_, cosets, values.logup));
    if (count == 1) continue;
    // The constraints vanish on D: interpolate the quotient by Z^N - 1, which is constant on a coset.
    for (size_t c = 1; c < count; ++c) {
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

std::vector<Ext> ConstraintRounds::fold_weights(const Ext& r_0) const {
  std::vector<Ext> weights;
  for (const Fp point : powers(two_adic_generator(l_skip_), size_t{1} << l_skip_)) {
    weights.push_back(eq_domain(l_skip_, r_0, Ext(point)));
  }
  return weights;
}

void ConstraintRounds::bind(const Ext& challenge) {
  if (bound_ == 0) {
    claim_ = horner(std::span<const Ext>(univariate_), challenge);
    zerocheck_ = l_skip_ == 0 ? Ext::one() : eq_domain(l_skip_, xi_[0], challenge);
    logup_ = horner(std::span<const Ext>(eq_sharp_), challenge);
  } else {
    claim_ = interpolate_at(last_round_, challenge);
    prefix_ *= eq1(xi_[l_skip_ + bound_ - 1], challenge);
    tail_ *= challenge;
  }
  ++bound_;
}

std::span<const Ext> ConstraintRounds::line_point(size_t trace) const {
  return std::span<const Ext>(xi_).subspan(l_skip_ + bound_, log_lines(trace));
}

std::vector<Ext> ConstraintRounds::message(std::span<const std::vector<Ext>> values) {
  // h(1) .. h(d), added up over the traces of one degree.
  std::map<uint32_t, std::vector<Ext>> by_degree;
  for (size_t t = 0; t < traces_.size() && in_head(t); ++t) {
    std::vector<Ext>& sums = by_degree[degree(t)];
    sums.resize(values[t].size(), Ext::zero());
    for (size_t i = 0; i < values[t].size(); ++i) sums[i] += values[t][i];
  }
  std::vector<Ext> h(degree_ + 1, Ext::zero());
  for (const auto& [degree, sums] : by_degree) {
    for (uint32_t x = 1; x <= degree_; ++x) {
      h[x] += prefix_ * (degree < degree_ ? interpolate_at(sums, Ext(Fp::from_u32(x))) : sums[x - 1]);
    }
  }
  const Ext& xi = xi_[l_skip_ + bound_ - 1];
  h[0] = (claim_ - xi * h[1] - tail_) * (Ext::one() - xi).inverse();
  h.push_back(interpolate_at(h, Ext(Fp::from_u32(degree_ + 1))));

  last_round_.clear();
  for (uint32_t x = 0; x <= degree_ + 1; ++x) {
    const Ext point = Fp::from_u32(x);
    last_round_.push_back(eq1(xi, point) * h[x] + tail_ * point);
  }
  return {last_round_.begin() + 1, last_round_.end()};
}

}  // namespace openswirl::stages
