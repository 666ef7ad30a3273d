// The prover's side of WHIR (protocol part 06, 7). Internal.
#pragma once

#include <memory>

#include "prover/run.h"

namespace openswirl::prover {

class WhirProver final : public WhirParty {
 public:
  WhirProver(const Run& run, WhirProof& proof) : run_(run), proof_(proof) {}

  Fp whir_pow_witness(WhirPow kind, uint32_t index, const GrindPoint& point, uint32_t bits) override;
  void whir_pow_rejected(WhirPow kind) override;
  void whir_begin(std::span<const Ext> u, const Ext& mu) override;
  std::array<Ext, 2> whir_round(uint32_t i, uint32_t s, const Ext* challenge) override;
  Digest codeword_commit(uint32_t i, const Ext& challenge) override;
  Ext ood_value(uint32_t i, const Ext& z0) override;
  std::vector<Ext> final_poly(const Ext& challenge) override;
  void queries(uint32_t i, std::span<const uint32_t> indices) override;
  void whir_round_closed(uint32_t i, const Ext& gamma) override;

 private:
  const Run& run_;
  WhirProof& proof_;
  std::unique_ptr<Opening> opening_;
  Ext z0_ = Ext::zero();  // of the round under way
  std::vector<uint32_t> indices_;
};

}  // namespace openswirl::prover
