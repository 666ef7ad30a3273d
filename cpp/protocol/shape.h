// What a key and the heights of the present traces fix about a proof: order, dimensions, layouts (part 07,
// 1).
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "poly/stacked_layout.h"
#include "protocol/keys.h"

namespace openswirl {

// One present trace, in sorted trace order (height descending, ties by AIR id).
struct TraceShape {
  uint32_t air_id = 0;
  uint32_t log_height = 0;  // the true height, may be below l_skip
  int32_t n = 0;            // log_height - l_skip, may be negative
  uint32_t lifted_n = 0;    // max(n, 0)
};

// One commitment: 0 holds all common mains; each further one a single preprocessed or cached part.
struct CommitmentShape {
  static constexpr uint32_t kCommon = ~uint32_t{0};
  uint32_t trace = kCommon;   // owning trace (sorted order); kCommon for commitment 0
  uint32_t opening_part = 0;  // part of that trace, in opening order
  StackedLayout layout;
  std::vector<bool> need_rot;  // per matrix of the layout
};

struct ProofShape {
  SystemParams params;
  std::vector<TraceShape> traces;            // sorted trace order, not empty
  std::vector<CommitmentShape> commitments;  // commit order (part 03, 5)
  uint64_t total_interactions = 0;           // sum of interactions * lifted height
  uint32_t n_logup = 0;
  uint32_t n_max = 0;
  uint32_t num_gkr_layers = 0;  // l_skip + n_logup with interactions, else 0

  uint32_t n_global() const { return n_max > n_logup ? n_max : n_logup; }
  uint64_t total_stacked_width() const;
};

// The shape for these log heights (one entry per AIR id; nothing = absent). The caller has checked that the
// parameters are valid, that at least one trace is present and that no height exceeds 2^(l_skip + n_stack).
ProofShape make_proof_shape(const VerifyingKey& vk, std::span<const std::optional<uint32_t>> log_heights);

// The same in two steps: order and dimensions first, whose size is that of log_heights; then the commitments,
// whose size is that of all columns. A verifier compares the columns with the proof in between.
ProofShape make_proof_dimensions(const VerifyingKey& vk,
                                 std::span<const std::optional<uint32_t>> log_heights);
void place_columns(const VerifyingKey& vk, ProofShape& shape);

}  // namespace openswirl
