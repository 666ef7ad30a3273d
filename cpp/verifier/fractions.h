// The verifier's side of LogUp and the GKR layers (protocol part 04, 4.3 and 7). Internal to the verifier.
#pragma once

#include "schedule/parties.h"

namespace openswirl::verifier {

class FractionsVerifier final : public FractionsParty {
 public:
  explicit FractionsVerifier(const GkrProof& proof) : proof_(proof) {}

  Fp logup_pow_witness(const GrindPoint& point, uint32_t bits) override;
  void logup_pow_rejected() override;
  void no_interactions(const Ext& alpha) override;
  Ext root(const Ext& alpha, const Ext& beta) override;
  LayerClaims first_layer() override;
  void enter_layer(uint32_t round, const Ext& lambda, const Ext& mu) override;
  std::array<Ext, 3> layer_round(uint32_t round, uint32_t k, const Ext* challenge) override;
  LayerClaims layer_claims(uint32_t round, const Ext& challenge) override;
  void fractions_closed(std::span<const Ext> xi) override;

  // The input layer's claims at xi: p(xi) and q(xi).
  const Ext& numerator() const { return numerator_; }
  const Ext& denominator() const { return denominator_; }

 private:
  void bind(uint32_t round, uint32_t k, const Ext& challenge);
  void close_layer(const Ext& mu);

  const GkrProof& proof_;
  LayerClaims layer_;
  Ext numerator_ = Ext::zero(), denominator_ = Ext::zero();
  Ext lambda_ = Ext::zero(), claim_ = Ext::zero(), eq_ = Ext::one();
  std::vector<Ext> xi_, rho_;  // the closed point, and the challenges of the layer under way
};

}  // namespace openswirl::verifier
