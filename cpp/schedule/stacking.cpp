// Part 05, 5: the stacked opening reduction.
#include "schedule/protocol.h"

namespace openswirl {

std::vector<Ext> run_stacking(Transcript& transcript, const ProofShape& shape, std::span<const Ext> r,
                              StackingParty& party) {
  transcript.observe(party.stacking_univariate_round(r, transcript.sample_ext()));
  std::vector<Ext> u = {transcript.sample_ext()};
  for (uint32_t j = 1; j <= shape.params.n_stack; ++j) {
    transcript.observe(party.stacking_round(j, u.back()));
    u.push_back(transcript.sample_ext());
  }
  for (const std::span<const Ext> commitment : party.stacking_openings(u.back())) {
    transcript.observe(commitment);
  }
  return u;
}

}  // namespace openswirl
