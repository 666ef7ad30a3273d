#include "gpu/codegen/expressions.h"

#include <map>
#include <tuple>

namespace openswirl::gpu::codegen {
namespace {

using Kind = Expression::Kind;

class Builder {
 public:
  Builder(const AirVk& air, Expressions& out) : air_(air), dag_(air.constraints), out_(out) {}

  uint32_t add(uint32_t i) {
    const Node& node = dag_.nodes[i];
    switch (node.kind) {
      case Node::Kind::kVariable:
        if (node.variable().entry == Variable::Entry::kPublic) return uniform(i, std::nullopt);
        [[fallthrough]];
      case Node::Kind::kIsFirstRow:
      case Node::Kind::kIsLastRow:
      case Node::Kind::kIsTransition:
        return leaf(node);
      case Node::Kind::kConstant:
        return uniform(i, node.constant());
      case Node::Kind::kNeg:
        return operation(i, Kind::kNeg, of(node.left), 0);
      case Node::Kind::kAdd:
        if (of(node.left) == of(node.right)) return operation(i, Kind::kDouble, of(node.left), 0);
        return operation(i, Kind::kAdd, of(node.left), of(node.right));
      case Node::Kind::kSub:
        return operation(i, Kind::kSub, of(node.left), of(node.right));
      case Node::Kind::kMul:
        return product(i, of(node.left), of(node.right));
    }
    throw Error(FailureKind::kInternal, "a node of unknown kind");
  }

 private:
  uint32_t of(uint32_t node) const { return out_.of_node[node]; }
  bool is_uniform(uint32_t expression) const { return out_.nodes[expression].kind == Kind::kUniform; }
  std::optional<Fp> constant(uint32_t expression) const {
    if (!is_uniform(expression)) return std::nullopt;
    return out_.uniforms[out_.nodes[expression].a].constant;
  }

  uint32_t unique(Kind kind, uint32_t a, uint32_t b) {
    const auto [found, added] = known_.try_emplace({kind, a, b}, static_cast<uint32_t>(out_.nodes.size()));
    if (added) out_.nodes.push_back({kind, a, b});
    return found->second;
  }

  uint32_t leaf(const Node& node) {
    using Source = stages::LeafSource;
    Source source;
    switch (node.kind) {
      case Node::Kind::kIsFirstRow:
        source.kind = Source::Kind::kFirst;
        break;
      case Node::Kind::kIsLastRow:
        source.kind = Source::Kind::kLast;
        break;
      case Node::Kind::kIsTransition:
        source.kind = Source::Kind::kTransition;
        break;
      default: {
        const Variable variable = node.variable();
        source.kind = variable.offset == 0 ? Source::Kind::kColumn : Source::Kind::kRotatedColumn;
        source.part = variable.entry == Variable::Entry::kPreprocessed
                          ? 1
                          : static_cast<uint32_t>(air_.opening_part_of_main(variable.part_index));
        source.index = variable.index;
      }
    }
    const auto key = std::make_tuple(source.kind, source.part, source.index);
    const auto [found, added] = leaves_.try_emplace(key, static_cast<uint32_t>(out_.leaves.size()));
    if (added) out_.leaves.push_back(source);
    return unique(Kind::kLeaf, found->second, 0);
  }

  uint32_t uniform(uint32_t node, std::optional<Fp> constant) {
    if (constant) {
      const auto found = constants_.find(constant->word());
      if (found != constants_.end()) return found->second;
    }
    out_.uniforms.push_back({node, constant});
    const uint32_t made = unique(Kind::kUniform, static_cast<uint32_t>(out_.uniforms.size() - 1), 0);
    if (constant) constants_.emplace(constant->word(), made);
    return made;
  }

  uint32_t operation(uint32_t node, Kind kind, uint32_t a, uint32_t b) {
    const bool binary = kind == Kind::kAdd || kind == Kind::kSub || kind == Kind::kMul;
    if (is_uniform(a) && (!binary || is_uniform(b))) {
      const auto x = constant(a), y = binary ? constant(b) : Fp::zero();
      if (!x || !y) return uniform(node, std::nullopt);
      return uniform(node, kind == Kind::kAdd      ? *x + *y
                           : kind == Kind::kSub    ? *x - *y
                           : kind == Kind::kMul    ? *x * *y
                           : kind == Kind::kDouble ? *x + *x
                                                   : -*x);
    }
    // Which side of a commutative operation comes first is decided where cells are compared.
    if (kind != Kind::kSub && binary && a > b) std::swap(a, b);
    return unique(kind, a, b);
  }

  uint32_t product(uint32_t node, uint32_t a, uint32_t b) {
    if (is_uniform(a)) std::swap(a, b);
    if (const auto factor = is_uniform(a) ? std::nullopt : constant(b)) {
      if (*factor == Fp::from_u32(2)) return operation(node, Kind::kDouble, a, 0);
      if (*factor == Fp::minus_one()) return operation(node, Kind::kNeg, a, 0);
      if (*factor == Fp::one()) return a;
    }
    // Doubled factors and a doubled product are one shape.
    for (const bool second : {false, true}) {
      const Expression factor = out_.nodes[second ? b : a];
      if (factor.kind != Kind::kDouble) continue;
      const uint32_t inner = second ? product(node, a, factor.a) : product(node, factor.a, b);
      return operation(node, Kind::kDouble, inner, 0);
    }
    return operation(node, Kind::kMul, a, b);
  }

  const AirVk& air_;
  const ConstraintDag& dag_;
  Expressions& out_;
  std::map<std::tuple<Kind, uint32_t, uint32_t>, uint32_t> known_;
  std::map<std::tuple<stages::LeafSource::Kind, uint32_t, uint32_t>, uint32_t> leaves_;
  std::map<uint32_t, uint32_t> constants_;  // by word
};

bool is_operation(const Node& node) { return node.is_binary() || node.kind == Node::Kind::kNeg; }

}  // namespace

Expressions::Expressions(const AirVk& air, std::span<const uint32_t> roots)
    : of_node(air.constraints.nodes.size(), kAbsent), dag_(&air.constraints) {
  std::vector<bool> live(dag_->nodes.size(), false);
  for (const uint32_t root : roots) live[root] = true;
  for (size_t i = live.size(); i-- > 0;) {
    const Node& node = dag_->nodes[i];
    if (!live[i] || !is_operation(node)) continue;
    live[node.left] = true;
    if (node.is_binary()) live[node.right] = true;
  }
  Builder builder(air, *this);
  for (uint32_t i = 0; i < live.size(); ++i) {
    if (live[i]) of_node[i] = builder.add(i);
  }
}

std::vector<Fp> Expressions::uniform_values(std::span<const Fp> public_values) const {
  // Operands of a uniform node are uniform: all of them have a value here.
  std::vector<Fp> values(dag_->nodes.size(), Fp::zero());
  for (size_t i = 0; i < of_node.size(); ++i) {
    if (of_node[i] == kAbsent || nodes[of_node[i]].kind != Kind::kUniform) continue;
    const Node& node = dag_->nodes[i];
    switch (node.kind) {
      case Node::Kind::kConstant:
        values[i] = node.constant();
        break;
      case Node::Kind::kAdd:
        values[i] = values[node.left] + values[node.right];
        break;
      case Node::Kind::kSub:
        values[i] = values[node.left] - values[node.right];
        break;
      case Node::Kind::kMul:
        values[i] = values[node.left] * values[node.right];
        break;
      case Node::Kind::kNeg:
        values[i] = -values[node.left];
        break;
      default:
        values[i] = public_values[node.variable().index];
    }
  }
  std::vector<Fp> result;
  for (const Uniform& uniform : uniforms) result.push_back(values[uniform.node]);
  return result;
}

}  // namespace openswirl::gpu::codegen
