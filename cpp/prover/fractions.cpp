#include "prover/fractions.h"

namespace openswirl::prover {

Fp FractionsProver::logup_pow_witness(const GrindPoint& point, uint32_t bits) {
  return proof_.logup_pow_witness = run_.grind(point, bits);
}

void FractionsProver::logup_pow_rejected() { run_.wrong_witness("LogUp"); }

void FractionsProver::no_interactions(const Ext&) { proof_.q0_claim = Ext::one(); }

Ext FractionsProver::root(const Ext& alpha, const Ext& beta) {
  run_.step(kLogup, 0, run_.shape.num_gkr_layers);
  tree_ = run_.session.fraction_tree(alpha, beta).take();
  const Fraction root = tree_->root().take();
  if (!root.p.is_zero()) {
    throw Error(
        FailureKind::kUnbalancedBus,
        "the messages sent and received on the buses do not balance; run check to see which are left over");
  }
  return proof_.q0_claim = root.q;
}

LayerClaims FractionsProver::first_layer() {
  return proof_.claims_per_layer.emplace_back(tree_->first_layer().take());
}

void FractionsProver::enter_layer(uint32_t round, const Ext& lambda, const Ext& mu) {
  run_.step(kLogup, round, run_.shape.num_gkr_layers);
  tree_->enter(lambda, mu).take();
  proof_.sumcheck_polys.emplace_back();
}

std::array<Ext, 3> FractionsProver::layer_round(uint32_t, uint32_t, const Ext* challenge) {
  run_.context.cancel->poll();
  return proof_.sumcheck_polys.back().emplace_back(tree_->next(challenge).take());
}

LayerClaims FractionsProver::layer_claims(uint32_t, const Ext& challenge) {
  return proof_.claims_per_layer.emplace_back(tree_->leave(challenge).take());
}

void FractionsProver::fractions_closed(std::span<const Ext>) { tree_.reset(); }

}  // namespace openswirl::prover
