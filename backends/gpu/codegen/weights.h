// The weights of a plan's cells, from those of the nodes that are summed.
#pragma once

#include "field/ext.h"
#include "gpu/codegen/cells.h"

namespace openswirl::gpu::codegen {

struct WeighedNode {
  uint32_t node = 0;
  Ext weight = Ext::zero();
};

struct CellWeights {
  std::vector<Ext> weights;    // per expression; meant where `used`
  std::vector<bool> used;      // whether the sum reaches the expression
  Ext constant = Ext::zero();  // what the sum has of uniforms
};

// Sends every weight down through the expressions that the plan splits. `uniforms`: their values.
CellWeights cell_weights(const CellPlan& plan, std::span<const WeighedNode> nodes,
                         std::span<const Fp> uniforms);

}  // namespace openswirl::gpu::codegen
