#include "gpu/codegen/weights.h"

#include <algorithm>

namespace openswirl::gpu::codegen {

CellWeighing::CellWeighing(const CellPlan& plan, std::span<const uint32_t> nodes,
                           std::span<const Fp> uniforms) {
  using Kind = Expression::Kind;
  const Expressions& expressions = plan.expressions();
  places_.assign(expressions.nodes.size(), kAbsent);
  const auto place_of = [&](uint32_t expression) {
    uint32_t& place = places_[expression];
    if (place == kAbsent) place = num_places_++;
    return place;
  };
  for (const uint32_t node : nodes) place_of_node_.push_back(place_of(expressions.of_node[node]));
  for (uint32_t n = static_cast<uint32_t>(expressions.nodes.size()); n-- > 0;) {
    if (places_[n] == kAbsent) continue;
    const Expression& node = expressions.nodes[n];
    const auto send = [&](uint32_t operand, Fp factor) {
      steps_.push_back({places_[n], place_of(operand), factor});
    };
    if (node.kind == Kind::kUniform) {
      uniforms_.emplace_back(places_[n], uniforms[node.a]);
    } else if (plan.is_split(n)) {
      switch (node.kind) {
        case Kind::kNeg:
          send(node.a, -Fp::one());
          break;
        case Kind::kDouble:
          send(node.a, Fp::one() + Fp::one());
          break;
        case Kind::kMul: {
          const bool first = expressions.nodes[node.a].kind == Kind::kUniform;
          const Expression& factor = expressions.nodes[first ? node.a : node.b];
          send(first ? node.b : node.a, uniforms[factor.a]);
          break;
        }
        default:
          send(node.a, Fp::one());
          send(node.b, node.kind == Kind::kSub ? -Fp::one() : Fp::one());
      }
    }
  }
}

Ext CellWeighing::weigh(std::span<const NodeWeights> nodes, std::span<Ext> at) const {
  std::ranges::fill(at.first(num_places_), Ext::zero());
  for (const NodeWeights& some : nodes) {
    for (size_t i = 0; i < some.weights.size(); ++i) {
      at[place_of_node_[some.first_node + i]] += some.weights[i];
    }
  }
  for (const Step& step : steps_) {
    const Ext& from = at[step.from];
    // Most factors are 1.
    at[step.to] += step.factor == Fp::one() ? from : from * step.factor;
  }
  Ext constant = Ext::zero();
  for (const auto& [place, value] : uniforms_) constant += at[place] * value;
  return constant;
}

}  // namespace openswirl::gpu::codegen
