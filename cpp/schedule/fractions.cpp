// Part 04, 3.3 and 4: LogUp grinding, challenges, and the GKR layers.
#include "schedule/protocol.h"

namespace openswirl {
namespace {

// The transcript order p0 q0 p1 q1 differs from the order of the encoded proof.
void observe(Transcript& transcript, const LayerClaims& claims) {
  transcript.observe(claims.p0);
  transcript.observe(claims.q0);
  transcript.observe(claims.p1);
  transcript.observe(claims.q1);
}

}  // namespace

FractionsOutcome run_fractions(Transcript& transcript, const ProofShape& shape, FractionsParty& party) {
  const auto bits = static_cast<uint32_t>(shape.params.logup.pow_bits);
  const Fp witness = party.logup_pow_witness(transcript.grind_point(), bits);
  if (!transcript.check_witness(bits, witness)) party.logup_pow_rejected();

  FractionsOutcome outcome;
  outcome.alpha = transcript.sample_ext();
  outcome.beta = transcript.sample_ext();
  if (shape.num_gkr_layers == 0) {
    party.no_interactions(outcome.alpha);
    return outcome;
  }

  transcript.observe(party.root(outcome.alpha, outcome.beta));
  observe(transcript, party.first_layer());
  Ext mu = transcript.sample_ext();
  outcome.xi = {mu};
  for (uint32_t round = 1; round < shape.num_gkr_layers; ++round) {
    party.enter_layer(round, transcript.sample_ext(), mu);
    std::vector<Ext> xi(1);
    for (uint32_t k = 0; k < round; ++k) {
      transcript.observe(party.layer_round(round, k, k == 0 ? nullptr : &xi.back()));
      xi.push_back(transcript.sample_ext());
    }
    observe(transcript, party.layer_claims(round, xi.back()));
    mu = transcript.sample_ext();
    xi[0] = mu;
    outcome.xi = std::move(xi);
  }
  party.fractions_closed(outcome.xi);
  return outcome;
}

}  // namespace openswirl
