#include "prover/stacking.h"

namespace openswirl::prover {

std::vector<Ext> StackingProver::stacking_univariate_round(std::span<const Ext> r, const Ext& lambda) {
  run_.step(kStacking, 0, rounds());
  sum_ = run_.session.stacked_sum(r, lambda).take();
  return proof_.univariate_round_coeffs = sum_->first_round().take();
}

std::array<Ext, 2> StackingProver::stacking_round(uint32_t j, const Ext& challenge) {
  run_.step(kStacking, j, rounds());
  return proof_.sumcheck_round_polys.emplace_back(sum_->next(challenge).take());
}

const Ragged<Ext>& StackingProver::stacking_openings(const Ext& challenge) {
  run_.step(kStacking, rounds() - 1, rounds());
  proof_.stacking_openings = sum_->finish(challenge).take();
  sum_.reset();
  return proof_.stacking_openings;
}

}  // namespace openswirl::prover
