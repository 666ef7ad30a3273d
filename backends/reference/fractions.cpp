// Stage 2 (protocol part 04, 3 and 4): LogUp leaves, the tree of fractions, and the sumcheck of every layer.
#include "constraints/batching.h"
#include "constraints/evaluator.h"
#include "poly/eq.h"
#include "poly/univariate.h"
#include "session_state.h"

namespace openswirl::reference {
namespace {

// The DAG's leaves on one row of a trace (part 04, 1.3).
struct RowLeaves {
  const Trace& trace;
  uint64_t row;

  Fp variable(const Variable& variable) const {
    if (variable.entry == Variable::Entry::kPublic) return trace.public_values[variable.index];
    return trace.cell(trace.part_of(variable), variable.index, (row + variable.offset) % trace.height());
  }
  Fp is_first_row() const { return row == 0 ? Fp::one() : Fp::zero(); }
  Fp is_last_row() const { return row + 1 == trace.height() ? Fp::one() : Fp::zero(); }
  Fp is_transition() const { return Fp::one() - is_last_row(); }
  Fp constant(Fp value) const { return value; }
};

// Projective sum of two fractions (part 04, 4.1).
Fraction add(const Fraction& a, const Fraction& b) { return {a.p * b.q + b.p * a.q, a.q * b.q}; }

class Tree final : public FractionTree {
 public:
  Tree(const SessionState& state, const Ext& alpha, const Ext& beta)
      : state_(state), charge_(state.context, fractions_bytes(state.shape), "fraction tree") {
    layers_.resize(state.shape.num_gkr_layers + 1);
    layers_.back() = leaves(alpha, beta);
    for (size_t j = layers_.size() - 1; j > 0; --j) {
      const std::vector<Fraction>& below = layers_[j];
      for (size_t y = 0; y < below.size() / 2; ++y) {
        if (y % 4096 == 0) state_.poll();
        layers_[j - 1].push_back(add(below[2 * y], below[2 * y + 1]));
      }
    }
  }

  Result<Fraction> root() override {
    return guard([&] { return layers_[0][0]; });
  }

  Result<LayerClaims> first_layer() override {
    return guard([&] {
      const Fraction &left = layers_[1][0], &right = layers_[1][1];
      return LayerClaims{left.p, left.q, right.p, right.q};
    });
  }

  Status enter(const Ext& lambda, const Ext& mu) override {
    return guard([&] {
      lambda_ = lambda;
      xi_ = {mu};
      xi_.insert(xi_.end(), rho_.begin(), rho_.end());
      rho_.clear();
      eq_ = eq_table(std::span<const Ext>(xi_));
      // xi has as many coordinates as the sumcheck has variables; their layer has one more.
      const std::vector<Fraction>& layer = layers_[xi_.size() + 1];
      p0_.clear(), q0_.clear(), p1_.clear(), q1_.clear();
      for (size_t x = 0; x < layer.size() / 2; ++x) {
        p0_.push_back(layer[2 * x].p), q0_.push_back(layer[2 * x].q);
        p1_.push_back(layer[2 * x + 1].p), q1_.push_back(layer[2 * x + 1].q);
      }
    });
  }

  Result<std::array<Ext, 3>> next(const Ext* challenge) override {
    return guard([&] {
      if (challenge) bind(*challenge);
      std::array<Ext, 3> s{Ext::zero(), Ext::zero(), Ext::zero()};
      for (size_t y = 0; y < eq_.size() / 2; ++y) {
        if (y % 4096 == 0) state_.poll();
        for (uint32_t x = 1; x <= 3; ++x) s[x - 1] += summand(y, Fp::from_u32(x));
      }
      return s;
    });
  }

  Result<LayerClaims> leave(const Ext& challenge) override {
    return guard([&] {
      bind(challenge);
      return LayerClaims{p0_[0], q0_[0], p1_[0], q1_[0]};
    });
  }

 private:
  // Part 04, 3.5. Positions beyond the interactions are (0, alpha).
  std::vector<Fraction> leaves(const Ext& alpha, const Ext& beta) const {
    std::vector<Fraction> leaves(size_t{1} << state_.shape.num_gkr_layers, Fraction{Ext::zero(), alpha});
    size_t start = 0;
    for (const Trace& trace : state_.traces) {
      const ConstraintDag& dag = trace.air->constraints;
      const size_t lifted_height = size_t{1} << (state_.l_skip() + trace.shape.lifted_n);
      const std::vector<Ext> beta_powers = powers(beta, max_message_length(dag) + 1);
      std::vector<Fp> nodes(dag.nodes.size());
      for (uint64_t row = 0; row < trace.height() && !dag.interactions.empty(); ++row) {
        state_.poll();
        evaluate_dag(dag, RowLeaves{trace, row}, std::span(nodes));
        for (size_t s = 0; s < dag.interactions.size(); ++s) {
          const Fraction leaf{
              nodes[dag.interactions[s].count] * trace.norm(),
              alpha + interaction_denominator<Ext>(dag.interactions[s], std::span<const Fp>(nodes),
                                                   std::span<const Ext>(beta_powers))};
          for (size_t i = row; i < lifted_height; i += trace.height())
            leaves[start + s * lifted_height + i] = leaf;
        }
      }
      start += dag.interactions.size() * lifted_height;
    }
    return leaves;
  }

  // eq (p0 q1 + p1 q0 + lambda q0 q1) at (x, y), every factor linear in x.
  Ext summand(size_t y, Fp x) const {
    const auto at = [&](const std::vector<Ext>& table) {
      return table[2 * y] + (table[2 * y + 1] - table[2 * y]) * x;
    };
    const Ext p0 = at(p0_), q0 = at(q0_), p1 = at(p1_), q1 = at(q1_);
    return at(eq_) * (p0 * q1 + p1 * q0 + lambda_ * q0 * q1);
  }

  void bind(const Ext& challenge) {
    state_.poll();
    rho_.push_back(challenge);
    for (std::vector<Ext>* table : {&eq_, &p0_, &q0_, &p1_, &q1_}) fold_lowest(*table, challenge);
  }

  const SessionState& state_;
  Charge charge_;
  std::vector<std::vector<Fraction>> layers_;  // layer j has 2^j fractions; the last one is the leaves
  std::vector<Ext> xi_, rho_;                  // the point of the layer under way, and its challenges so far
  Ext lambda_ = Ext::zero();
  std::vector<Ext> eq_, p0_, q0_, p1_, q1_;
};

}  // namespace

std::unique_ptr<FractionTree> make_fraction_tree(const SessionState& state, const Ext& alpha,
                                                 const Ext& beta) {
  return std::make_unique<Tree>(state, alpha, beta);
}

}  // namespace openswirl::reference
