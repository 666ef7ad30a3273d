// Part 04, 4.5 to 6: the batched constraint sumcheck and the column openings.
#include "schedule/protocol.h"

namespace openswirl {
namespace {

// Every column costs two elements: without rotation the second is zero and still observed.
void observe_part(Transcript& transcript, const CompactList<Ext>& openings, bool need_rot) {
  if (need_rot) {
    transcript.observe(openings.span());
    return;
  }
  for (const Ext& opening : openings) {
    transcript.observe(opening);
    transcript.observe(Ext::zero());
  }
}

}  // namespace

std::vector<Ext> run_constraints(Transcript& transcript, const VerifyingKey& vk, const ProofShape& shape,
                                 FractionsOutcome fractions, ConstraintsParty& party) {
  ConstraintsBegin begin{fractions.alpha, fractions.beta, std::move(fractions.xi), Ext::zero()};
  while (begin.xi.size() < shape.params.l_skip + shape.n_global())
    begin.xi.push_back(transcript.sample_ext());
  begin.lambda = transcript.sample_ext();
  party.constraints_begin(begin);

  for (const SumClaimMessage& claim : party.sum_claims()) {
    transcript.observe(claim.numerator);
    transcript.observe(claim.denominator);
  }
  transcript.observe(party.univariate_round(transcript.sample_ext()));
  std::vector<Ext> r = {transcript.sample_ext()};
  for (uint32_t j = 1; j <= shape.n_max; ++j) {
    transcript.observe(party.constraint_round(j, r.back()));
    r.push_back(transcript.sample_ext());
  }

  const std::vector<PartOpenings>& openings = party.column_openings(r.back());
  for (size_t t = 0; t < shape.traces.size(); ++t) {
    observe_part(transcript, openings[t][0], vk.airs[shape.traces[t].air_id].need_rot);
  }
  for (size_t t = 0; t < shape.traces.size(); ++t) {
    for (size_t part = 1; part < openings[t].size(); ++part) {
      observe_part(transcript, openings[t][part], vk.airs[shape.traces[t].air_id].need_rot);
    }
  }
  return r;
}

}  // namespace openswirl
