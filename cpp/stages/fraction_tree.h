// LogUp-GKR on host memory (protocol part 04, 3.4 to 4.2; the methods are those of FractionTree in the
// backend interface). Padding leaves are never stored: a node above nothing but padding is (0, alpha^leaves).
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "stages/inputs.h"
#include "stages/layer_sumcheck.h"

namespace openswirl::stages {

class FractionTreeStage {
 public:
  struct Root {
    Ext p, q;
  };

  // Evaluates the interactions and adds the fractions up. At least one trace has interactions; the inputs
  // outlive the stage.
  FractionTreeStage(const StageInputs& inputs, const Ext& alpha, const Ext& beta);
  // The layers above these nodes, at least two, and those themselves: what a device leaves to the host. The
  // context outlives the stage.
  FractionTreeStage(const Context& context, FractionTable lowest);

  Root root() const;
  LayerClaims first_layer();
  // Starts the next layer's sumcheck; mu closed the layer before.
  void enter(const Ext& lambda, const Ext& mu);
  // Binds the challenge (null in a layer's first round); s(1), s(2), s(3).
  std::array<Ext, 3> next(const Ext* challenge);
  LayerClaims leave(const Ext& challenge);
  // Challenges of the layer that was left last.
  const std::vector<Ext>& bound() const { return bound_; }

 private:
  FractionTable evaluate_leaves(const StageInputs& inputs, const Ext& alpha, const Ext& beta) const;
  void add_up(FractionTable leaves);

  const Context& context_;
  std::vector<FractionTable> layers_;  // layers 1 .. R
  uint32_t layer_ = 1;                 // the layer whose claims are known
  LayerClaims claims_;
  std::vector<Ext> bound_;  // challenges of the layer before
  std::optional<LayerSumcheck> sumcheck_;
};

}  // namespace openswirl::stages
