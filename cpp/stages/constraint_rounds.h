// The batched zerocheck and LogUp input sumcheck (protocol part 04, 5 and 6) where its size is that of the
// messages and not of the columns: what weighs nodes, which sums a message needs and how it follows from
// them, and what binding a challenge changes. Devices differ in how they find the sums. Names in comments are
// those of that part.
#pragma once

#include <optional>
#include <vector>

#include "protocol/shape.h"
#include "stages/constraint_weights.h"
#include "stages/cosets.h"

namespace openswirl::stages {

// How many cosets after D the univariate round evaluates an AIR on.
uint32_t cosets_after_domain(const AirVk& air, const RowFunctions& functions);
// In a round over the hypercube sums over the lines are needed at X = first, .., first + count - 1.
struct Positions {
  uint32_t first, count;
};
// Of an AIR, in a proof whose highest degree is this.
Positions positions_of(const AirVk& air, uint64_t max_constraint_degree);
// The cosets of the univariate round: D itself, then those on which all sums are needed.
std::vector<Coset> round_cosets(const SystemParams& params);

class ConstraintRounds {
 public:
  struct Claim {
    Ext numerator, denominator;
  };
  // Of one trace, summed over x with weights eq(xi[l..l+n), x), at the points of D. Empty without
  // interactions.
  struct DomainSums {
    std::vector<Ext> counts, messages;
  };
  // The same at the points of cosets 1, 2, ..: [coset][z]. Empty where the trace has no such nodes.
  struct CosetSums {
    std::vector<Ext> logup, constraints;
  };

  // functions: of the traces. xi has l_skip + n_global coordinates. Key, shape and functions outlive the
  // object.
  ConstraintRounds(const VerifyingKey& vk, const ProofShape& shape,
                   const std::vector<const RowFunctions*>& functions, const Ext& beta, std::vector<Ext> xi,
                   const Ext& lambda);

  const RowFunctions& functions(size_t trace) const { return *traces_[trace].functions; }
  // Of a trace's nodes at this point of the protocol: before mu, before r_0, after. On any threads, of one
  // trace on one at a time.
  RowWeights weights(size_t trace) const;
  // Their constant alone.
  Ext constant(size_t trace) const;
  std::span<const Ext> xi() const { return xi_; }
  // The cosets of the univariate round.
  const std::vector<Coset>& cosets() const { return cosets_; }
  // How many cosets after D a trace is evaluated on.
  uint32_t num_cosets(size_t trace) const {
    return cosets_after_domain(*traces_[trace].air, functions(trace));
  }

  // sum_p, sum_q per trace.
  std::vector<Claim> claims(std::vector<DomainSums> sums);
  void batch(const Ext& mu);
  // Coefficients of s_0.
  std::vector<Ext> univariate(std::span<const CosetSums> sums);

  // What the weights of constraints, and those of messages and counts, are after r_0, times what they were
  // before; once r_0 is bound.
  struct FoldFactors {
    Ext constraints, interactions;
  };
  FoldFactors fold_factors() const { return {zerocheck_, logup_}; }
  // eq_D(r_0, w^z), which fold a block of rows.
  std::vector<Ext> fold_weights(const Ext& r_0) const;
  // Binds r_0, then r_1, ..
  void bind(const Ext& challenge);
  uint32_t bound() const { return bound_; }
  // The trace has no variable left, and had one before.
  bool ends_now(size_t trace) const { return lifted_n(trace) + 1 == bound_; }
  // Where it ended: the sum of its nodes and the constant.
  void add_tail(const Ext& value) { tail_ += prefix_ * value; }
  bool in_head(size_t trace) const { return lifted_n(trace) >= bound_; }
  // The lines of a trace in the head: 2^log_lines, weighed by eq over these coordinates.
  uint32_t log_lines(size_t trace) const { return lifted_n(trace) - bound_; }
  std::span<const Ext> line_point(size_t trace) const;
  Positions positions(size_t trace) const { return positions_of(*traces_[trace].air, degree_); }
  // s_j(1) .. s_j(d + 1). values: per trace in the head, its sums with the constant at its positions.
  std::vector<Ext> message(std::span<const std::vector<Ext>> values);

 private:
  struct Trace {
    const TraceShape* shape = nullptr;
    const AirVk* air = nullptr;
    const RowFunctions* functions = nullptr;
    std::vector<Ext> interaction_weights;  // e(T, s)
    mutable std::optional<Ext> constant;   // of De, without its factor; once it was asked for
    DomainSums domain;
  };
  uint32_t lifted_n(size_t trace) const { return traces_[trace].shape->lifted_n; }
  Ext normalisation(size_t trace) const;
  RowFactors factors(size_t trace) const;
  uint32_t degree(size_t trace) const { return traces_[trace].air->max_constraint_degree; }

  const uint32_t l_skip_, degree_;
  const Ext beta_, lambda_;
  const std::vector<Ext> xi_;
  std::vector<Trace> traces_;
  std::vector<Coset> cosets_;
  std::vector<Ext> eq_sharp_;                        // coefficients
  std::vector<Ext> mu_powers_;                       // empty before mu
  Ext zerocheck_ = Ext::one(), logup_ = Ext::one();  // E_zc(1), E_lu(1) once r_0 is bound
  std::vector<Ext> univariate_;                      // coefficients of s_0
  uint32_t bound_ = 0;                               // challenges bound so far
  Ext claim_ = Ext::zero();                          // s_{j-1}(r_{j-1})
  Ext prefix_ = Ext::one();                          // prod eq1(xi[l+i-1], r_i)
  Ext tail_ = Ext::zero();                           // t_j
  std::vector<Ext> last_round_;                      // s_j(0) .. s_j(d + 1)
};

}  // namespace openswirl::stages
