#include "gpu/codegen/weights.h"

namespace openswirl::gpu::codegen {

CellWeights cell_weights(const CellPlan& plan, std::span<const WeighedNode> nodes,
                         std::span<const Fp> uniforms) {
  using Kind = Expression::Kind;
  const Expressions& expressions = plan.expressions();
  CellWeights result;
  result.weights.resize(expressions.nodes.size(), Ext::zero());
  result.used.resize(expressions.nodes.size(), false);
  const auto add = [&](uint32_t expression, const Ext& weight) {
    result.weights[expression] += weight;
    result.used[expression] = true;
  };
  for (const WeighedNode& weighed : nodes) add(expressions.of_node[weighed.node], weighed.weight);
  for (uint32_t n = static_cast<uint32_t>(expressions.nodes.size()); n-- > 0;) {
    if (!result.used[n]) continue;
    const Expression& node = expressions.nodes[n];
    const Ext weight = result.weights[n];
    if (node.kind == Kind::kUniform) {
      result.constant += weight * uniforms[node.a];
    } else if (plan.is_split(n)) {
      switch (node.kind) {
        case Kind::kNeg:
          add(node.a, -weight);
          break;
        case Kind::kDouble:
          add(node.a, weight + weight);
          break;
        case Kind::kMul: {
          const bool first = expressions.nodes[node.a].kind == Kind::kUniform;
          const Expression& factor = expressions.nodes[first ? node.a : node.b];
          add(first ? node.b : node.a, weight * uniforms[factor.a]);
          break;
        }
        default:
          add(node.a, weight);
          add(node.b, node.kind == Kind::kSub ? -weight : weight);
      }
    }
  }
  return result;
}

}  // namespace openswirl::gpu::codegen
