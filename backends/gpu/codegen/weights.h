// The weights of a plan's cells, from those of the nodes that are summed.
#pragma once

#include "field/ext.h"
#include "gpu/codegen/cells.h"

namespace openswirl::gpu::codegen {

// Sends the weights of some nodes down through the expressions that the plan splits. Which way they go is
// found once.
class CellWeighing {
 public:
  // nodes: of the DAG, some of them perhaps twice. uniforms: their values.
  CellWeighing(const CellPlan& plan, std::span<const uint32_t> nodes, std::span<const Fp> uniforms);

  static constexpr uint32_t kAbsent = ~uint32_t{0};
  // Where the expression's weight is among those of a sum; kAbsent where the sum does not reach it.
  uint32_t place(uint32_t expression) const { return places_[expression]; }

  size_t num_places() const { return num_places_; }

  // Weights of nodes that follow one another, the first of them by number. Nodes that are not named weigh
  // nothing.
  struct NodeWeights {
    size_t first_node = 0;
    std::span<const Ext> weights;
  };
  // Writes the weights of all places, and returns what the sum has of uniforms. All of it is linear in the
  // weights of the nodes.
  Ext weigh(std::span<const NodeWeights> nodes, std::span<Ext> at) const;

 private:
  // to += factor from; `from` has its weight by then.
  struct Step {
    uint32_t from, to;
    Fp factor;
  };
  std::vector<uint32_t> places_;         // by expression
  std::vector<uint32_t> place_of_node_;  // by node that is summed
  uint32_t num_places_ = 0;
  std::vector<Step> steps_;
  std::vector<std::pair<uint32_t, Fp>> uniforms_;  // place and value
};

}  // namespace openswirl::gpu::codegen
