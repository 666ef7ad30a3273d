#include "verifier/constraints.h"

#include "constraints/batching.h"
#include "constraints/evaluator.h"
#include "poly/eq.h"
#include "poly/univariate.h"
#include "verifier/rejected.h"

namespace openswirl::verifier {
namespace {

// The leaves of one AIR's DAG at the opening point.
struct OpenedLeaves {
  const AirVk& air;
  const PartOpenings& openings;
  std::span<const Fp> public_values;
  Selectors selectors;

  Ext variable(const Variable& variable) const {
    if (variable.entry == Variable::Entry::kPublic) return Ext(public_values[variable.index]);
    const size_t part =
        variable.entry == Variable::Entry::kPreprocessed ? 1 : air.opening_part_of_main(variable.part_index);
    // A variable of the next row only occurs in AIRs with rotation.
    const size_t index = air.need_rot ? size_t{2} * variable.index + variable.offset : variable.index;
    return openings[part][index];
  }
  Ext is_first_row() const { return selectors.first; }
  Ext is_last_row() const { return selectors.last; }
  Ext is_transition() const { return selectors.transition; }
  Ext constant(Fp value) const { return Ext(value); }
};

// eq#(r_0): the interpolant over D of the eq table of the first l_skip coordinates of xi (part 04, 2).
Ext eq_sharp(std::span<const Ext> xi, uint32_t l_skip, const Ext& r0) {
  std::vector<Ext> table = eq_table(xi.first(l_skip));
  inverse_dft(std::span(table), l_skip);
  return horner<Ext>(std::span<const Ext>(table), r0);
}

// E(i+1) r_{i+1} .. r_{n_max} for i = 0 .. n_max, from E(1) (part 04, 7, step 10).
std::vector<Ext> lifted_equalities(Ext equality, std::span<const Ext> xi_cube, std::span<const Ext> r_cube) {
  std::vector<Ext> result;
  for (size_t i = 0; i <= r_cube.size(); ++i) {
    result.push_back(equality);
    if (i < r_cube.size()) equality *= eq1(xi_cube[i], r_cube[i]);
  }
  Ext lift = Ext::one();
  for (size_t i = r_cube.size(); i-- > 0;) {
    lift *= r_cube[i];
    result[i] *= lift;
  }
  return result;
}

}  // namespace

std::vector<SumClaimMessage> ConstraintsVerifier::sum_claims() {
  Ext numerator = fractions_.numerator(), denominator = fractions_.denominator();
  std::vector<SumClaimMessage> claims;
  for (size_t t = 0; t < shape_.traces.size(); ++t) {
    claims.push_back({proof_.numerator_terms[t], proof_.denominator_terms[t]});
    numerator -= proof_.numerator_terms[t];
    denominator -= proof_.denominator_terms[t];
  }
  require_equal("BatchConstraintError.GkrNumeratorMismatch", Ext::zero(), numerator);
  require_equal("BatchConstraintError.GkrDenominatorMismatch", begin_.alpha, denominator);
  return claims;
}

std::vector<Ext> ConstraintsVerifier::univariate_round(const Ext& mu) {
  const size_t traces = shape_.traces.size();
  mu_powers_ = powers(mu, 3 * traces);
  claim_ = Ext::zero();
  for (size_t t = 0; t < traces; ++t) {
    claim_ +=
        mu_powers_[2 * t] * proof_.numerator_terms[t] + mu_powers_[2 * t + 1] * proof_.denominator_terms[t];
  }
  require_equal("BatchConstraintError.SumClaimMismatch", claim_,
                sum_over_domain(proof_.univariate_round_coeffs, static_cast<uint32_t>(shape_.params.l_skip)));
  return proof_.univariate_round_coeffs;
}

void ConstraintsVerifier::bind(const Ext& challenge) {
  if (r_.empty()) {
    claim_ = horner<Ext>(std::span<const Ext>(proof_.univariate_round_coeffs), challenge);
  } else {
    const std::vector<Ext>& message = proof_.sumcheck_round_polys[r_.size() - 1];
    std::vector<Ext> values = {claim_ - message[0]};
    values.insert(values.end(), message.begin(), message.end());
    claim_ = interpolate_at(values, challenge);
  }
  r_.push_back(challenge);
}

std::vector<Ext> ConstraintsVerifier::constraint_round(uint32_t j, const Ext& challenge) {
  bind(challenge);
  return proof_.sumcheck_round_polys[j - 1];
}

const std::vector<PartOpenings>& ConstraintsVerifier::column_openings(const Ext& challenge) {
  bind(challenge);
  require_equal("BatchConstraintError.InconsistentClaims", expected_claim(), claim_);
  return proof_.column_openings;
}

Ext ConstraintsVerifier::expected_claim() const {
  const auto l_skip = static_cast<uint32_t>(shape_.params.l_skip);
  const std::span<const Ext> xi = begin_.xi, r = r_;
  const auto xi_cube = xi.subspan(l_skip), r_cube = r.subspan(1);
  const std::vector<Ext> zerocheck = lifted_equalities(eq_domain(l_skip, xi[0], r[0]), xi_cube, r_cube);
  const std::vector<Ext> logup = lifted_equalities(eq_sharp(xi, l_skip, r[0]), xi_cube, r_cube);
  const std::vector<std::vector<Ext>> weights = interaction_weights(vk_, shape_, xi);

  Ext sum = Ext::zero();
  std::vector<Ext> nodes;
  for (size_t t = 0; t < shape_.traces.size(); ++t) {
    const TraceShape& trace = shape_.traces[t];
    const AirVk& air = vk_.airs[trace.air_id];
    const ConstraintDag& dag = air.constraints;
    nodes.resize(dag.nodes.size());
    evaluate_dag<Ext>(dag,
                      OpenedLeaves{air, proof_.column_openings[t], public_values_[trace.air_id],
                                   selectors_at(trace_point(l_skip, trace.n, r))},
                      nodes);

    const std::vector<Ext> lambda_powers = powers(begin_.lambda, dag.constraint_idx.size());
    const std::vector<Ext> beta_powers = powers(begin_.beta, max_message_length(dag) + 1);
    const std::span<const Ext> values = nodes;
    const Ext constraints = combine_constraints<Ext>(dag, values, std::span(lambda_powers));
    const auto fractions =
        combine_interactions<Ext>(dag, values, std::span(beta_powers), std::span(weights[t]));
    // A short trace is repeated to fill the skip domain; its numerators are scaled down to sum to the
    // original.
    const Fp scale = Fp::one().div_2exp(trace.n < 0 ? static_cast<unsigned>(-trace.n) : 0);
    sum += logup[trace.lifted_n] *
           (mu_powers_[2 * t] * fractions.numerator * scale + mu_powers_[2 * t + 1] * fractions.denominator);
    sum += zerocheck[trace.lifted_n] * mu_powers_[2 * shape_.traces.size() + t] * constraints;
  }
  return sum;
}

}  // namespace openswirl::verifier
