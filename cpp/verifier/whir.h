// The verifier's side of WHIR (protocol part 06, 8). Internal to the verifier.
#pragma once

#include "schedule/parties.h"

namespace openswirl::verifier {

// g(x^(2^k)) of the polynomial g that folding with `alphas` leaves, from the values on the coset x <gen(k)>,
// one for each power of gen(k); k is the number of alphas, inverse_x is 1 / x (part 06, 8, "k-fold").
Ext fold_coset(std::vector<Ext> values, std::span<const Ext> alphas, Fp inverse_x);

class WhirVerifier final : public WhirParty {
 public:
  // `roots`: one per commitment, commit order.
  WhirVerifier(const ProofShape& shape, const Proof& proof, std::vector<Digest> roots);

  Fp whir_pow_witness(WhirPow kind, uint32_t index, const GrindPoint& point, uint32_t bits) override;
  void whir_pow_rejected(WhirPow kind) override;
  void whir_begin(std::span<const Ext> u, const Ext& mu) override;
  std::array<Ext, 2> whir_round(uint32_t i, uint32_t s, const Ext* challenge) override;
  Digest codeword_commit(uint32_t i, const Ext& challenge) override;
  Ext ood_value(uint32_t i, const Ext& z0) override;
  std::vector<Ext> final_poly(const Ext& challenge) override;
  void queries(uint32_t i, std::span<const uint32_t> indices) override;
  // The last round ends with the final equation.
  void whir_round_closed(uint32_t i, const Ext& gamma) override;

 private:
  // An evaluation claim that a round added to the weight: at z, with this power of gamma. T is Ext for the
  // point out of the domain, Fp for queries.
  template <class T>
  struct Point {
    uint32_t round;
    T z;
    Ext weight;
  };

  void bind(const Ext& challenge);
  // That queries from `first` on, at `indices`, reach the roots.
  void check_initial_paths(size_t first, std::span<const uint32_t> indices) const;
  void check_codeword_paths(uint32_t i, size_t first, std::span<const uint32_t> indices) const;
  // The values on the coset of a query.
  std::vector<Ext> initial_values(size_t query) const;
  std::vector<Ext> codeword_values(uint32_t i, size_t query) const;
  void check_final_equation() const;

  const ProofShape& shape_;
  const WhirProof& proof_;
  const Ragged<Ext>& stacking_openings_;
  std::vector<Digest> roots_;
  std::vector<Ext> u_cube_, mu_powers_, alphas_;
  std::vector<Point<Ext>> ood_points_;
  std::vector<Point<Fp>> query_points_;
  std::vector<Ext> ood_z_, ood_y_;  // of the round under way: one, in the last round none
  std::vector<Fp> query_z_;
  std::vector<Ext> query_y_;
  Ext claim_ = Ext::zero();
};

}  // namespace openswirl::verifier
