// Part 06, 6: WHIR.
#include "schedule/protocol.h"

namespace openswirl {
namespace {

void prove_work(Transcript& transcript, WhirParty& party, WhirPow kind, uint32_t index, uint64_t bits) {
  const Fp witness =
      party.whir_pow_witness(kind, index, transcript.grind_point(), static_cast<uint32_t>(bits));
  if (!transcript.check_witness(static_cast<unsigned>(bits), witness)) party.whir_pow_rejected(kind);
}

}  // namespace

void run_whir(Transcript& transcript, const ProofShape& shape, std::span<const Ext> u, WhirParty& party) {
  const WhirParams& whir = shape.params.whir;
  prove_work(transcript, party, WhirPow::kMu, 0, whir.mu_pow_bits);
  party.whir_begin(u, transcript.sample_ext());

  const auto rounds = static_cast<uint32_t>(whir.num_queries.size());
  for (uint32_t i = 0; i < rounds; ++i) {
    Ext alpha = Ext::zero();
    for (uint32_t s = 0; s < whir.k; ++s) {
      transcript.observe(party.whir_round(i, s, s == 0 ? nullptr : &alpha));
      prove_work(transcript, party, WhirPow::kFolding, i * static_cast<uint32_t>(whir.k) + s,
                 whir.folding_pow_bits);
      alpha = transcript.sample_ext();
    }
    if (i + 1 < rounds) {
      transcript.observe(party.codeword_commit(i, alpha));
      transcript.observe(party.ood_value(i, transcript.sample_ext()));
    } else {
      transcript.observe(party.final_poly(alpha));
    }

    prove_work(transcript, party, WhirPow::kQueryPhase, i, whir.query_phase_pow_bits);
    const uint64_t index_bits = shape.params.log_stacked_height() + shape.params.log_blowup - i - whir.k;
    std::vector<uint32_t> indices(whir.num_queries[i]);
    for (uint32_t& index : indices) index = transcript.sample_bits(static_cast<unsigned>(index_bits));
    party.queries(i, indices);
    party.whir_round_closed(i, transcript.sample_ext());
  }
}

}  // namespace openswirl
