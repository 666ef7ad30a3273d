// The prover's side of the stacked opening reduction (protocol part 05). Internal.
#pragma once

#include <memory>

#include "prover/run.h"

namespace openswirl::prover {

class StackingProver final : public StackingParty {
 public:
  StackingProver(const Run& run, StackingProof& proof) : run_(run), proof_(proof) {}

  std::vector<Ext> stacking_univariate_round(std::span<const Ext> r, const Ext& lambda) override;
  std::array<Ext, 2> stacking_round(uint32_t j, const Ext& challenge) override;
  const Ragged<Ext>& stacking_openings(const Ext& challenge) override;

 private:
  uint32_t rounds() const { return static_cast<uint32_t>(run_.shape.params.n_stack) + 2; }

  const Run& run_;
  StackingProof& proof_;
  std::unique_ptr<StackedSum> sum_;
};

}  // namespace openswirl::prover
