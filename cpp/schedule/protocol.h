// What is absorbed and sampled, in which order (part 00, transcript timeline): written once, run by both
// sides.
#pragma once

#include <vector>

#include "schedule/parties.h"
#include "transcript/transcript.h"

namespace openswirl {

// What both sides know before the first challenge: proof.common_main_commit, trace_vdata and public_values.
// Observes them with the key (part 07, 5, step 6).
void run_preamble(Transcript& transcript, const VerifyingKey& vk, const Proof& statement);

struct FractionsOutcome {
  Ext alpha, beta;
  std::vector<Ext> xi;  // num_gkr_layers coordinates
};
FractionsOutcome run_fractions(Transcript& transcript, const ProofShape& shape, FractionsParty& party);

// Completes xi, runs the batched constraint sumcheck; returns r (1 + n_max coordinates).
std::vector<Ext> run_constraints(Transcript& transcript, const VerifyingKey& vk, const ProofShape& shape,
                                 FractionsOutcome fractions, ConstraintsParty& party);

// Returns u (1 + n_stack coordinates).
std::vector<Ext> run_stacking(Transcript& transcript, const ProofShape& shape, std::span<const Ext> r,
                              StackingParty& party);

void run_whir(Transcript& transcript, const ProofShape& shape, std::span<const Ext> u, WhirParty& party);

}  // namespace openswirl
