// The verifier's side of the batched constraint sumcheck (protocol part 04, 7, steps 5 to 13). Internal.
#pragma once

#include "schedule/parties.h"
#include "verifier/fractions.h"

namespace openswirl::verifier {

class ConstraintsVerifier final : public ConstraintsParty {
 public:
  // `fractions` has finished when this party's first message is asked for.
  ConstraintsVerifier(const VerifyingKey& vk, const ProofShape& shape, const Proof& proof,
                      const FractionsVerifier& fractions)
      : vk_(vk),
        shape_(shape),
        proof_(proof.batch_constraints),
        public_values_(proof.public_values),
        fractions_(fractions) {}

  void constraints_begin(const ConstraintsBegin& begin) override { begin_ = begin; }
  std::vector<SumClaimMessage> sum_claims() override;
  std::vector<Ext> univariate_round(const Ext& mu) override;
  std::vector<Ext> constraint_round(uint32_t j, const Ext& challenge) override;
  const std::vector<PartOpenings>& column_openings(const Ext& challenge) override;

 private:
  void bind(const Ext& challenge);
  Ext expected_claim() const;

  const VerifyingKey& vk_;
  const ProofShape& shape_;
  const BatchConstraintProof& proof_;
  const Ragged<Fp>& public_values_;
  const FractionsVerifier& fractions_;
  ConstraintsBegin begin_;
  std::vector<Ext> mu_powers_;  // 2 m for numerators and denominators, then m for constraints
  std::vector<Ext> r_;
  Ext claim_ = Ext::zero();
};

}  // namespace openswirl::verifier
