// The prover's side of LogUp-GKR (protocol part 04, 3 and 4). Internal.
#pragma once

#include <memory>

#include "prover/run.h"

namespace openswirl::prover {

class FractionsProver final : public FractionsParty {
 public:
  FractionsProver(const Run& run, GkrProof& proof) : run_(run), proof_(proof) {}

  Fp logup_pow_witness(const GrindPoint& point, uint32_t bits) override;
  void logup_pow_rejected() override;
  void no_interactions(const Ext& alpha) override;
  Ext root(const Ext& alpha, const Ext& beta) override;
  LayerClaims first_layer() override;
  void enter_layer(uint32_t round, const Ext& lambda, const Ext& mu) override;
  std::array<Ext, 3> layer_round(uint32_t round, uint32_t k, const Ext* challenge) override;
  LayerClaims layer_claims(uint32_t round, const Ext& challenge) override;
  void fractions_closed(std::span<const Ext> xi) override;

 private:
  const Run& run_;
  GkrProof& proof_;
  std::unique_ptr<FractionTree> tree_;
};

}  // namespace openswirl::prover
