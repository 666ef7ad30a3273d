// LogUp-GKR on host memory (protocol part 04, 3.4 to 4.2; the methods are those of FractionTree in the
// backend interface). Padding leaves are never stored: a node above nothing but padding is (0, alpha^leaves).
#pragma once

#include <array>
#include <vector>

#include "protocol/proof.h"
#include "stages/inputs.h"

namespace openswirl::stages {

class FractionTreeStage {
 public:
  struct Root {
    Ext p, q;
  };

  // Evaluates the interactions and adds the fractions up. At least one trace has interactions; the inputs
  // outlive the stage.
  FractionTreeStage(const StageInputs& inputs, const Ext& alpha, const Ext& beta);

  Root root() const;
  LayerClaims first_layer();
  // Starts the next layer's sumcheck; mu closed the layer before.
  void enter(const Ext& lambda, const Ext& mu);
  // Binds the challenge (null in a layer's first round); s(1), s(2), s(3).
  std::array<Ext, 3> next(const Ext* challenge);
  LayerClaims leave(const Ext& challenge);

 private:
  // The stored prefix of 2^log_size fractions; all others are (0, padding).
  struct Table {
    uint32_t log_size = 0;
    size_t stored = 0;  // a multiple of 4, or everything; the buffers may be longer
    Ext padding;
    Buffer<Fp> base_p;  // leaves only
    Buffer<Ext> p, q;

    const uint32_t* p_data() const {
      return reinterpret_cast<const uint32_t*>(p_words() == 1 ? static_cast<const void*>(base_p.data())
                                                              : p.data());
    }
    size_t p_words() const { return base_p.size() > 0 ? 1 : 4; }
    const uint32_t* q_data() const { return reinterpret_cast<const uint32_t*>(q.data()); }
  };

  static Table make_shape(uint32_t log_size, size_t used, const Ext& padding);
  Table make_table(uint32_t log_size, size_t used, const Ext& padding, bool base) const;
  static void pad(Table& table, size_t from);
  void evaluate_leaves(Table& leaves, const Ext& alpha, const Ext& beta) const;
  Table parents(const Table& children) const;
  static LayerClaims claims(const Table& table);
  void bind(const Ext& challenge);

  const StageInputs& inputs_;
  std::vector<Table> layers_;  // layers 1 .. R
  uint32_t layer_ = 1;         // the layer whose claims are known
  LayerClaims claims_;
  std::vector<Ext> point_;  // xi of the layer being proven
  Ext lambda_;

  Table table_;  // the layer being proven, its first variables bound
  Table spare_;  // memory of the table before
  Buffer<Ext> eq_, spare_eq_;
  size_t eq_size_ = 0;
  uint32_t round_ = 0;
  std::vector<Ext> bound_;
  Ext prefix_;                     // prod eq1(xi[k], rho_k)
  Ext claim_;                      // of the round, without the factor eq
  std::array<Ext, 3> round_poly_;  // s'(0), s'(1) and the coefficient of X^2
};

}  // namespace openswirl::stages
