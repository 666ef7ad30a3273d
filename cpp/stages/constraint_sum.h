// The batched zerocheck and LogUp input sumcheck on host memory (protocol part 04, 5 and 6; the methods are
// those of ConstraintSum in the backend interface). Names in comments are those of that part.
#pragma once

#include <array>
#include <vector>

#include "protocol/proof.h"
#include "stages/constraint_blocks.h"

namespace openswirl::stages {

// Column openings use (value, rotated value) interleaved iff the AIR needs rotation.
class ConstraintSumStage {
 public:
  struct Claim {
    Ext numerator, denominator;
  };

  // xi has l_skip + n_global coordinates. The inputs outlive the stage.
  ConstraintSumStage(const StageInputs& inputs, const Ext& alpha, const Ext& beta, std::vector<Ext> xi,
                     const Ext& lambda);

  // sum_p, sum_q per trace, sorted trace order.
  std::vector<Claim> sum_claims();
  // Coefficients of s_0, constant first. Called after sum_claims().
  std::vector<Ext> first_round(const Ext& mu);
  // Binds r_0.
  void fold(const Ext& r_0);
  // Binds r_{j-1} (null for j = 1); s_j(1) .. s_j(d + 1).
  std::vector<Ext> next(const Ext* challenge);
  // Binds the last challenge (null if n_max = 0); openings in sorted trace order.
  std::vector<PartOpenings> finish(const Ext* challenge);

 private:
  // A weighted sum of one trace's nodes: what interactions and constraints add up to.
  struct Functional {
    std::vector<ProgramOutput> outputs;
    std::vector<Ext> weights;  // per output
    Ext constant = Ext::zero();
  };
  struct Trace {
    const TraceView* view = nullptr;
    std::vector<Ext> interaction_weights;       // e(T, s)
    std::vector<Ext> eq_cube;                   // eq(xi[l..l+n), x), zero-padded
    std::vector<Ext> numerators, denominators;  // Nu (without nu_T), De at the points of D, summed over x
    ConstraintProgram program;                  // of the MLE rounds
    std::vector<Ext> program_weights;
    Ext constant = Ext::zero();
    Buffer<uint32_t> folded;  // columns at r_0 .. r_j, then the selectors: four planes of `stride` words each
    size_t num_columns = 0;   // folded columns, rotated ones counted
    std::vector<size_t> part_starts;
    size_t stride = 0;

    uint32_t degree() const { return view->air->max_constraint_degree; }
    const ConstraintDag& dag() const { return view->air->constraints; }
  };

  // Factors of Nu, De and C, and the sums that they enter.
  struct Mixture {
    Ext numerator, denominator, constraints;
    uint32_t numerator_sum = 0, denominator_sum = 0, constraint_sum = 0;
  };

  Ext normalisation(const Trace& trace) const;
  Functional functional(const Trace& trace, const Mixture& mixture) const;
  // Sums over x of the program's sums at the points of the cosets, weighted by eq_cube: [coset][sum][z].
  std::vector<Ext> evaluate_cosets(const Trace& trace, const ConstraintProgram& program,
                                   const Functional& functional, std::span<const Coset> cosets) const;
  void fold_at_r0(const Ext& r0);
  void fold_trace_at_r0(Trace& trace, const Ext& r0, std::span<const Ext> weights);
  void fold_columns(const Ext& challenge);
  // Values at X = first .. first + count - 1 of the sum over y of eq(xi[l+j..), y) times the trace's
  // functional.
  std::vector<Ext> evaluate_lines(const Trace& trace, uint32_t log_points, size_t first, size_t count) const;
  void add_tails();
  void bind(const Ext& challenge);

  const StageInputs& inputs_;
  const uint32_t l_skip_, degree_;
  const size_t lanes_;
  const Ext beta_, lambda_;
  const std::vector<Ext> xi_;
  std::vector<Trace> traces_;
  std::vector<Coset> cosets_;
  std::vector<Ext> eq_sharp_;    // coefficients
  std::vector<Ext> univariate_;  // coefficients of s_0
  std::vector<Ext> mu_powers_;
  uint32_t bound_ = 0;           // challenges bound so far
  Ext claim_ = Ext::zero();      // s_{j-1}(r_{j-1})
  Ext prefix_ = Ext::one();      // prod eq1(xi[l+i-1], r_i)
  Ext tail_ = Ext::zero();       // t_j
  std::vector<Ext> last_round_;  // s_j(0) .. s_j(d + 1)
};

}  // namespace openswirl::stages
