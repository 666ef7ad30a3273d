// The soundness calculator: bits of round-by-round security of every component (protocol part 02, 7).
#pragma once

#include <vector>

#include "protocol/keys.h"

namespace openswirl {

// The sizes that the bounds depend on, each an upper bound over the proofs in question.
struct SoundnessContext {
  uint64_t max_constraints_per_air = 0;
  uint64_t num_airs = 0;
  uint64_t max_constraint_degree = 0;
  uint64_t max_log_height = 0;
  uint64_t num_columns = 0;          // trace columns over all AIRs and parts
  uint64_t num_stacked_columns = 0;  // over all commitments of one proof
  uint64_t n_logup = 0;
};

// The context of everything that this key can prove.
SoundnessContext soundness_context_from(const VerifyingKey& vk);

// What one WHIR round rests on.
struct WhirRoundSoundness {
  uint64_t log_inv_rate = 0;  // of the codeword that the round queries
  uint64_t num_queries = 0;
  double query_bits = 0;  // of the queries alone, indices taken as uniform and without grinding
};

// Minima over all rounds, in bits.
struct WhirSoundness {
  double mu_batching = 0;
  double fold = 0;           // proximity and sumcheck of one fold together
  double proximity = 0;      // of a fold: proximity gap
  double sumcheck = 0;       // of a fold: round polynomial
  double out_of_domain = 0;  // infinite with a single round
  double shift = 0;          // queries and gamma batching together
  double query = 0;
  double gamma_batching = 0;
  std::vector<WhirRoundSoundness> rounds;
};

// In bits; `total` is the minimum of the components.
struct SoundnessReport {
  double logup = 0;
  double gkr_sumcheck = 0;
  double gkr_batching = 0;
  double zerocheck_sumcheck = 0;
  double constraint_batching = 0;  // boundary terms and constraints, fused
  double stacked_reduction = 0;
  double whir = 0;
  double total = 0;
  WhirSoundness whir_details;
};

// Throws Error{kInput} for invalid parameters, and for a context without AIRs, columns or stacked columns.
SoundnessReport compute_soundness(const SystemParams& params, const SoundnessContext& context);

}  // namespace openswirl
