// The prover's side of the batched constraint sumcheck (protocol part 04, 5 and 6). Internal.
#pragma once

#include <memory>
#include <optional>

#include "prover/run.h"

namespace openswirl::prover {

class ConstraintsProver final : public ConstraintsParty {
 public:
  ConstraintsProver(const Run& run, BatchConstraintProof& proof) : run_(run), proof_(proof) {}

  void constraints_begin(const ConstraintsBegin& begin) override;
  std::vector<SumClaimMessage> sum_claims() override;
  std::vector<Ext> univariate_round(const Ext& mu) override;
  std::vector<Ext> constraint_round(uint32_t j, const Ext& challenge) override;
  const std::vector<PartOpenings>& column_openings(const Ext& challenge) override;

 private:
  // Binds r_0, the end of the univariate round.
  void fold(const Ext& r_0);

  const Run& run_;
  BatchConstraintProof& proof_;
  std::unique_ptr<ConstraintSum> sum_;
  std::optional<Span> round_0_, mle_rounds_;
};

}  // namespace openswirl::prover
