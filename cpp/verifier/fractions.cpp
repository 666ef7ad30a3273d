#include "verifier/fractions.h"

#include "poly/eq.h"
#include "poly/univariate.h"
#include "verifier/rejected.h"

namespace openswirl::verifier {

Fp FractionsVerifier::logup_pow_witness(const GrindPoint&, uint32_t) { return proof_.logup_pow_witness; }

void FractionsVerifier::logup_pow_rejected() {
  throw Rejected{"BatchConstraintError.InvalidLogupPowWitness",
                 "witness " + std::to_string(proof_.logup_pow_witness.canonical())};
}

void FractionsVerifier::no_interactions(const Ext& alpha) {
  require_equal("BatchConstraintError.GkrVerificationFailed.InvalidZeroRoundValue", Ext::one(),
                proof_.q0_claim);
  denominator_ = alpha;
}

Ext FractionsVerifier::root(const Ext&, const Ext&) { return proof_.q0_claim; }

LayerClaims FractionsVerifier::first_layer() {
  layer_ = proof_.claims_per_layer[0];
  require_equal("BatchConstraintError.GkrVerificationFailed.ZeroCheckFailed", Ext::zero(),
                layer_.p0 * layer_.q1 + layer_.p1 * layer_.q0);
  require_equal("BatchConstraintError.GkrVerificationFailed.RootConsistencyCheckFailed", proof_.q0_claim,
                layer_.q0 * layer_.q1);
  return layer_;
}

void FractionsVerifier::close_layer(const Ext& mu) {
  numerator_ = layer_.p0 + (layer_.p1 - layer_.p0) * mu;
  denominator_ = layer_.q0 + (layer_.q1 - layer_.q0) * mu;
  xi_ = {mu};
  xi_.insert(xi_.end(), rho_.begin(), rho_.end());
  rho_.clear();
}

void FractionsVerifier::enter_layer(uint32_t, const Ext& lambda, const Ext& mu) {
  close_layer(mu);
  lambda_ = lambda;
  claim_ = numerator_ + lambda * denominator_;
  eq_ = Ext::one();
}

void FractionsVerifier::bind(uint32_t round, uint32_t k, const Ext& challenge) {
  const auto& s = proof_.sumcheck_polys[round - 1][k];
  claim_ = interpolate_at(std::array{claim_ - s[0], s[0], s[1], s[2]}, challenge);
  eq_ *= eq1(xi_[k], challenge);
  rho_.push_back(challenge);
}

std::array<Ext, 3> FractionsVerifier::layer_round(uint32_t round, uint32_t k, const Ext* challenge) {
  if (challenge) bind(round, k - 1, *challenge);
  return proof_.sumcheck_polys[round - 1][k];
}

LayerClaims FractionsVerifier::layer_claims(uint32_t round, const Ext& challenge) {
  bind(round, round - 1, challenge);
  layer_ = proof_.claims_per_layer[round];
  const Ext sum = layer_.p0 * layer_.q1 + layer_.p1 * layer_.q0 + lambda_ * layer_.q0 * layer_.q1;
  require_equal("BatchConstraintError.GkrVerificationFailed.LayerConsistencyCheckFailed", sum * eq_, claim_);
  return layer_;
}

void FractionsVerifier::fractions_closed(std::span<const Ext> xi) { close_layer(xi[0]); }

}  // namespace openswirl::verifier
