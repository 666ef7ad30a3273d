// The verifier's side of the stacked opening reduction (protocol part 05, 6). Internal to the verifier.
#pragma once

#include "schedule/parties.h"

namespace openswirl::verifier {

class StackingVerifier final : public StackingParty {
 public:
  StackingVerifier(const ProofShape& shape, const Proof& proof)
      : shape_(shape), proof_(proof.stacking), column_openings_(proof.batch_constraints.column_openings) {}

  std::vector<Ext> stacking_univariate_round(std::span<const Ext> r, const Ext& lambda) override;
  std::array<Ext, 2> stacking_round(uint32_t j, const Ext& challenge) override;
  const Ragged<Ext>& stacking_openings(const Ext& challenge) override;

 private:
  void bind(const Ext& challenge);
  Ext column_claims() const;
  Ext expected_claim() const;

  const ProofShape& shape_;
  const StackingProof& proof_;
  const std::vector<PartOpenings>& column_openings_;
  std::vector<Ext> r_, u_;
  Ext lambda_ = Ext::zero(), claim_ = Ext::zero();
};

}  // namespace openswirl::verifier
