// The two sides of the protocol as the schedule sees them. For every message the schedule asks its party: the
// prover's party computes it, the verifier's reads it from the proof and checks what can be checked there.
// Methods are named after the messages of part 00's timeline and called in exactly that order.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "hash/sponge.h"
#include "protocol/proof.h"
#include "protocol/shape.h"

namespace openswirl {

// Part 04, 3 and 4. With no interactions only the proof of work and no_interactions() happen.
class FractionsParty {
 public:
  virtual ~FractionsParty() = default;
  virtual Fp logup_pow_witness(const GrindPoint& point, uint32_t bits) = 0;
  virtual void logup_pow_rejected() = 0;
  virtual void no_interactions(const Ext& alpha) = 0;
  // The root denominator q0.
  virtual Ext root(const Ext& alpha, const Ext& beta) = 0;
  virtual LayerClaims first_layer() = 0;
  // Starts the sumcheck over `round` variables that proves layer round + 1; mu closed layer `round`.
  virtual void enter_layer(uint32_t round, const Ext& lambda, const Ext& mu) = 0;
  // s(1), s(2), s(3) of sub-round k after binding the challenge (null for k = 0).
  virtual std::array<Ext, 3> layer_round(uint32_t round, uint32_t k, const Ext* challenge) = 0;
  virtual LayerClaims layer_claims(uint32_t round, const Ext& challenge) = 0;
  // The mu that closed the last layer; xi has num_gkr_layers coordinates.
  virtual void fractions_closed(std::span<const Ext> xi) = 0;
};

struct ConstraintsBegin {
  Ext alpha, beta;
  std::vector<Ext> xi;  // complete: l_skip + n_global coordinates
  Ext lambda;
};

struct SumClaimMessage {
  Ext numerator, denominator;
};

// Part 04, 5 and 6.
class ConstraintsParty {
 public:
  virtual ~ConstraintsParty() = default;
  virtual void constraints_begin(const ConstraintsBegin& begin) = 0;
  virtual std::vector<SumClaimMessage> sum_claims() = 0;
  virtual std::vector<Ext> univariate_round(const Ext& mu) = 0;
  // s_j(1) .. s_j(d+1) for j = 1 .. n_max after binding r_{j-1}.
  virtual std::vector<Ext> constraint_round(uint32_t j, const Ext& challenge) = 0;
  // Binds r_{n_max}. The result lives as long as the party.
  virtual const std::vector<PartOpenings>& column_openings(const Ext& challenge) = 0;
};

// Part 05.
class StackingParty {
 public:
  virtual ~StackingParty() = default;
  virtual std::vector<Ext> stacking_univariate_round(std::span<const Ext> r, const Ext& lambda) = 0;
  virtual std::array<Ext, 2> stacking_round(uint32_t j, const Ext& challenge) = 0;
  virtual const Ragged<Ext>& stacking_openings(const Ext& challenge) = 0;
};

enum class WhirPow { kMu, kFolding, kQueryPhase };

// Part 06.
class WhirParty {
 public:
  virtual ~WhirParty() = default;
  // `index` counts the witnesses of one kind over the whole proof.
  virtual Fp whir_pow_witness(WhirPow kind, uint32_t index, const GrindPoint& point, uint32_t bits) = 0;
  virtual void whir_pow_rejected(WhirPow kind) = 0;
  virtual void whir_begin(std::span<const Ext> u, const Ext& mu) = 0;
  // S(1), S(2) of fold s of round i after binding the challenge of the fold before (null for s = 0).
  virtual std::array<Ext, 2> whir_round(uint32_t i, uint32_t s, const Ext* challenge) = 0;
  // Not in the last round: binds the round's last challenge; root of the folded codeword.
  virtual Digest codeword_commit(uint32_t i, const Ext& challenge) = 0;
  virtual Ext ood_value(uint32_t i, const Ext& z0) = 0;
  // In the last round: binds its last challenge; coefficients.
  virtual std::vector<Ext> final_poly(const Ext& challenge) = 0;
  virtual void queries(uint32_t i, std::span<const uint32_t> indices) = 0;
  virtual void whir_round_closed(uint32_t i, const Ext& gamma) = 0;
};

}  // namespace openswirl
