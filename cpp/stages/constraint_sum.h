// The batched zerocheck and LogUp input sumcheck on host memory (protocol part 04, 5 and 6; the methods are
// those of ConstraintSum in the backend interface).
#pragma once

#include <vector>

#include "stages/constraint_lines.h"
#include "stages/constraint_rounds.h"

namespace openswirl::stages {

// Column openings use (value, rotated value) interleaved iff the AIR needs rotation.
class ConstraintSumStage {
 public:
  // xi has l_skip + n_global coordinates. The inputs outlive the stage.
  ConstraintSumStage(const StageInputs& inputs, const Ext& alpha, const Ext& beta, std::vector<Ext> xi,
                     const Ext& lambda);

  // sum_p, sum_q per trace, sorted trace order.
  std::vector<ConstraintRounds::Claim> sum_claims();
  // Coefficients of s_0, constant first. Called after sum_claims().
  std::vector<Ext> first_round(const Ext& mu);
  // Binds r_0.
  void fold(const Ext& r_0);
  // Binds r_{j-1} (null for j = 1); s_j(1) .. s_j(d + 1).
  std::vector<Ext> next(const Ext* challenge);
  // Binds the last challenge (null if n_max = 0); openings in sorted trace order.
  std::vector<PartOpenings> finish(const Ext* challenge);

 private:
  const AirPrograms& programs(size_t trace) const;
  // Sums over x of the weighted sums of a program's nodes at the points of the cosets, weighted by eq_cube:
  // [coset][sum][z].
  std::vector<Ext> evaluate_cosets(size_t trace, const ConstraintProgram& program,
                                   std::span<const Ext> node_weights, std::span<const Coset> cosets) const;

  const StageInputs& inputs_;
  const uint32_t l_skip_;
  const size_t lanes_;
  ConstraintRounds rounds_;
  std::vector<std::vector<Ext>> eq_cube_;  // per trace: eq(xi[l..l+n), x), zero-padded
  std::vector<ConstraintLines> lines_;     // per trace, once r_0 is bound
};

// The columns of a trace at r_0. weights: eq_D(r_0, w^z).
ConstraintLines fold_trace(const StageInputs& inputs, size_t trace, const Ext& r_0,
                           std::span<const Ext> weights);

}  // namespace openswirl::stages
