#include "prover/constraints.h"

namespace openswirl::prover {

void ConstraintsProver::constraints_begin(const ConstraintsBegin& begin) {
  run_.step(kConstraints, 0, run_.shape.n_max + 2);
  round_0_.emplace(*run_.context.spans, "prover.rap_constraints.round0");
  sum_ = run_.session.constraint_sum({begin.alpha, begin.beta, begin.xi, begin.lambda}).take();
}

std::vector<SumClaimMessage> ConstraintsProver::sum_claims() {
  std::vector<SumClaimMessage> messages;
  for (const SumClaim& claim : sum_->sum_claims().take()) {
    messages.push_back({claim.numerator, claim.denominator});
    proof_.numerator_terms.push_back(claim.numerator);
    proof_.denominator_terms.push_back(claim.denominator);
  }
  return messages;
}

std::vector<Ext> ConstraintsProver::univariate_round(const Ext& mu) {
  run_.context.cancel->poll();
  proof_.univariate_round_coeffs = sum_->first_round(mu).take();
  return proof_.univariate_round_coeffs;
}

void ConstraintsProver::fold(const Ext& r_0) {
  run_.context.cancel->poll();
  sum_->fold(r_0).take();
  round_0_.reset();
  mle_rounds_.emplace(*run_.context.spans, "prover.rap_constraints.mle_rounds");
}

std::vector<Ext> ConstraintsProver::constraint_round(uint32_t j, const Ext& challenge) {
  if (j == 1) fold(challenge);
  run_.step(kConstraints, j, run_.shape.n_max + 2);
  return proof_.sumcheck_round_polys.emplace_back(sum_->next(j == 1 ? nullptr : &challenge).take());
}

const std::vector<PartOpenings>& ConstraintsProver::column_openings(const Ext& challenge) {
  if (run_.shape.n_max == 0) fold(challenge);
  run_.step(kConstraints, run_.shape.n_max + 1, run_.shape.n_max + 2);
  proof_.column_openings = sum_->finish(run_.shape.n_max == 0 ? nullptr : &challenge).take();
  sum_.reset();
  mle_rounds_.reset();
  return proof_.column_openings;
}

}  // namespace openswirl::prover
