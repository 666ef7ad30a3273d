// The sumcheck over one layer of the LogUp-GKR tree (protocol part 04, 4.2).
#pragma once

#include <array>
#include <vector>

#include "stages/fraction_table.h"

namespace openswirl::stages {

// What no table is needed for: the claim, and the messages from a round's sums. Plain values, so that a
// device may hand over to the host between two rounds.
struct LayerRounds {
  // The sumcheck over the layer below these claims, which `bound` and mu left.
  LayerRounds(const LayerClaims& claims, const Ext& lambda, const Ext& mu, std::span<const Ext> bound);

  // s(1), s(2), s(3), from the sums over the stored nodes of eq h(1), eq times the coefficient of X^2 in h,
  // and eq. With fractions p_b, q_b at the line's points, h = p_0 q_1 + p_1 q_0 + lambda q_0 q_1.
  std::array<Ext, 3> message(const std::array<Ext, 3>& sums, const Ext& padding);
  void bind(const Ext& challenge);
  // Coordinates that belong to variables behind the round's own.
  std::span<const Ext> behind() const { return std::span(point).subspan(bound.size() + 1); }

  std::vector<Ext> point;  // xi
  std::vector<Ext> bound;  // challenges so far
  Ext lambda;
  Ext claim;                // of the round, without the factor eq
  Ext prefix;               // prod eq1(xi[k], rho_k)
  std::array<Ext, 3> poly;  // h(0), h(1) and the coefficient of X^2
};

class LayerSumcheck {
 public:
  // The table has rounds.bound.size() variables bound already. The context outlives the object.
  LayerSumcheck(const Context& context, LayerRounds rounds, FractionTable table);

  // Binds the challenge (null in the first round here); s(1), s(2), s(3).
  std::array<Ext, 3> next(const Ext* challenge);
  // Binds the last challenge.
  LayerClaims leave(const Ext& challenge);
  // All challenges of the layer, once it was left.
  const std::vector<Ext>& bound() const { return rounds_.bound; }

 private:
  void split_eq();
  FractionTable make_folded();
  void complete(FractionTable folded, const Ext& challenge, size_t lines);
  template <class SumsOf>
  void add_sums(size_t first, size_t last, std::array<Ext, 3>& sums, SumsOf&& sums_of) const;

  const Context& context_;
  LayerRounds rounds_;
  FractionTable table_;  // the layer, its first variables bound
  FractionTable spare_;  // memory of the table before
  // eq over the variables behind the round's own: the entry of y is eq_low_[y mod its size] times eq_high_ of
  // the rest.
  std::vector<Ext> eq_low_, eq_high_;
};

}  // namespace openswirl::stages
