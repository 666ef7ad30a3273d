#include "gpu/codegen/cells.h"

#include <algorithm>
#include <map>

namespace openswirl::gpu::codegen {
namespace {

using Kind = Expression::Kind;

uint32_t instructions_of(Kind kind) {
  switch (kind) {
    case Kind::kLeaf:
      return Sizes::kLoad;
    case Kind::kUniform:
      return 0;
    case Kind::kMul:
      return Sizes::kMul;
    default:
      return Sizes::kAdd;
  }
}

uint64_t cost_of(Kind kind) {
  switch (kind) {
    case Kind::kLeaf:
      return Costs::kLoad;
    case Kind::kUniform:
      return 0;
    case Kind::kMul:
      return Costs::kMul;
    default:
      return Costs::kAdd;
  }
}

// Cells that use an expression; beyond a few it does not matter how many.
constexpr size_t kMaxUsers = 16;
void insert(std::vector<uint32_t>& users, uint32_t user) {
  if (users.size() < kMaxUsers && std::find(users.begin(), users.end(), user) == users.end()) {
    users.push_back(user);
  }
}

}  // namespace

uint32_t CellGroup::instructions() const {
  uint32_t total = 0;
  for (const CellOp& op : shape) {
    total += op.kind == CellOp::Kind::kMul       ? Sizes::kMul
             : op.kind > CellOp::Kind::kConstant ? Sizes::kAdd
             : op.kind <= CellOp::Kind::kStored  ? Sizes::kLoad
                                                 : 0;
  }
  return total;
}

uint64_t CellGroup::cost() const {
  uint64_t total = 0;
  for (const CellOp& op : shape) {
    total += op.kind == CellOp::Kind::kMul       ? Costs::kMul
             : op.kind > CellOp::Kind::kConstant ? Costs::kAdd
             : op.kind == CellOp::Kind::kLeaf    ? Costs::kLoad
             : op.kind == CellOp::Kind::kStored  ? Costs::kLoadStored
                                                 : 0;
  }
  return total;
}

class CellAnalysis {
 public:
  CellAnalysis(CellPlan& plan, std::span<const uint32_t> nodes)
      : plan_(plan), nodes_(plan.expressions_.nodes), visited_(nodes_.size(), 0), stored_(nodes_.size()) {
    choose_splits();
    find_terms(nodes);
    bound_cells();
    store_shared();
    hash();
    build_groups();
  }

 private:
  template <class Body>
  void for_operands(uint32_t n, const Body& body) const {
    if (!nodes_[n].is_operation()) return;
    body(nodes_[n].a);
    if (nodes_[n].is_binary()) body(nodes_[n].b);
  }
  bool is_uniform(uint32_t n) const { return nodes_[n].kind == Kind::kUniform; }

  // Calls body for every expression that a cell with this root evaluates, each once, and for the stored ones
  // that it loads; until body returns false.
  template <class Body>
  bool walk(uint32_t root, const Body& body) {
    ++visit_;
    pending_.assign(1, root);
    visited_[root] = visit_;
    while (!pending_.empty()) {
      const uint32_t n = pending_.back();
      pending_.pop_back();
      if (!body(n)) return false;
      if (n != root && stored_[n]) continue;
      for_operands(n, [&](uint32_t operand) {
        if (visited_[operand] == visit_) return;
        visited_[operand] = visit_;
        pending_.push_back(operand);
      });
    }
    return true;
  }

  // Instructions of the cell, or more than `limit` if there are.
  uint32_t size(uint32_t root, uint32_t limit) {
    uint32_t total = 0;
    walk(root, [&](uint32_t n) {
      total += n != root && stored_[n] ? Sizes::kLoad : instructions_of(nodes_[n].kind);
      return total <= limit;
    });
    return total;
  }
  uint64_t cost(uint32_t root) {
    uint64_t total = 0;
    walk(root, [&](uint32_t n) {
      total += n != root && stored_[n] ? Costs::kLoadStored : cost_of(nodes_[n].kind);
      return true;
    });
    return total;
  }
  bool share_leaf(uint32_t a, uint32_t b) {
    std::vector<uint32_t> leaves;
    walk(a, [&](uint32_t n) {
      if (nodes_[n].kind == Kind::kLeaf) leaves.push_back(n);
      return true;
    });
    std::sort(leaves.begin(), leaves.end());
    return !walk(b, [&](uint32_t n) { return !std::binary_search(leaves.begin(), leaves.end(), n); });
  }

  bool splits(uint32_t n) {
    switch (nodes_[n].kind) {
      case Kind::kNeg:
      case Kind::kDouble:
        return true;
      case Kind::kMul:
        return is_uniform(nodes_[n].a) || is_uniform(nodes_[n].b);
      case Kind::kAdd:
      case Kind::kSub:
        if (is_uniform(nodes_[n].a) || is_uniform(nodes_[n].b)) return true;
        return size(n, Sizes::kMaxKept) > Sizes::kMaxKept || !share_leaf(nodes_[n].a, nodes_[n].b);
      default:
        return false;
    }
  }
  void choose_splits() {
    plan_.split_.resize(nodes_.size());
    for (uint32_t n = 0; n < nodes_.size(); ++n) plan_.split_[n] = splits(n);
  }

  // Terms: what a weighted sum ends at. Evaluated: what is an operand in some cell.
  void find_terms(std::span<const uint32_t> nodes) {
    std::vector<bool> weighed(nodes_.size());
    term_.resize(nodes_.size());
    evaluated_.resize(nodes_.size());
    for (const uint32_t node : nodes) weighed[plan_.expressions_.of_node[node]] = true;
    for (uint32_t n = static_cast<uint32_t>(nodes_.size()); n-- > 0;) {
      term_[n] = weighed[n] && !plan_.split_[n] && !is_uniform(n);
      if (weighed[n] && plan_.split_[n]) for_operands(n, [&](uint32_t operand) { weighed[operand] = true; });
      if (term_[n] || evaluated_[n]) for_operands(n, [&](uint32_t operand) { evaluated_[operand] = true; });
    }
  }

  void bound_cells() {
    for (uint32_t n = 0; n < nodes_.size(); ++n) {
      if (!term_[n] && !evaluated_[n]) continue;
      while (size(n, Sizes::kMaxCell) > Sizes::kMaxCell) {
        uint32_t largest = n, most = 0;
        for_operands(n, [&](uint32_t operand) {
          const uint32_t instructions =
              stored_[operand] || !nodes_[operand].is_operation() ? 0 : size(operand, Sizes::kMaxCell);
          if (instructions > most) largest = operand, most = instructions;
        });
        if (largest == n) break;  // both operands are loads already
        stored_[largest] = true;
      }
    }
  }

  void store_shared() {
    std::vector<std::vector<uint32_t>> users(nodes_.size());
    for (uint32_t n = static_cast<uint32_t>(nodes_.size()); n-- > 0;) {
      if (!nodes_[n].is_operation()) continue;
      std::vector<uint32_t>& of_n = users[n];
      const uint64_t uses = of_n.size() + (term_[n] ? 1 : 0);
      if (!stored_[n] && uses > 1) {
        stored_[n] = (uses - 1) * cost(n) > Costs::kStore + uses * Costs::kLoadStored;
      }
      if (stored_[n]) of_n.assign(1, n);
      if (term_[n]) insert(of_n, n);
      for_operands(n, [&](uint32_t operand) {
        for (const uint32_t user : of_n) insert(users[operand], user);
      });
      of_n.clear();
      of_n.shrink_to_fit();
    }
  }

  // Of expressions that are equal up to the numbers of leaves, stored values and uniforms: an equal hash, and
  // how many values a thread has at a time while it evaluates one.
  void hash() {
    hash_.resize(nodes_.size());
    values_.resize(nodes_.size(), 1);
    for (uint32_t n = 0; n < nodes_.size(); ++n) {
      const Expression& node = nodes_[n];
      uint64_t value = static_cast<uint64_t>(node.kind) + 1;
      if (node.is_operation()) {
        const auto mix = [&](uint64_t with) {
          value = (value ^ with) * 0x9E3779B97F4A7C15u;
          value ^= value >> 29;
        };
        const uint64_t a = operand_hash(node.a), b = node.is_binary() ? operand_hash(node.b) : 0;
        mix(node.kind == Kind::kSub ? a : std::min(a, b));
        mix(node.kind == Kind::kSub ? b : std::max(a, b));
        const uint32_t left = operand_values(node.a), right = node.is_binary() ? operand_values(node.b) : 0;
        values_[n] = left == right ? left + 1 : std::max(left, right);
      }
      hash_[n] = value;
    }
  }
  uint64_t operand_hash(uint32_t n) const { return stored_[n] ? 0x517CC1B727220A95u : hash_[n]; }

  uint32_t operand_values(uint32_t n) const { return is_uniform(n) ? 0 : stored_[n] ? 1 : values_[n]; }

  struct Builder {
    std::vector<CellOp> shape;
    std::vector<uint32_t> parameters;
    std::map<uint32_t, uint32_t> entries;  // of expressions
  };
  uint32_t parameter(Builder& cell, CellOp::Kind kind, uint32_t number) const {
    cell.shape.push_back({kind, static_cast<uint32_t>(cell.parameters.size()), 0});
    cell.parameters.push_back(number);
    return static_cast<uint32_t>(cell.shape.size() - 1);
  }
  // Operands before operations, on a stack of our own: DAGs may be deep. Of a commutative operation the side
  // with the smaller hash comes first; the side that needs more values at a time is evaluated first.
  void build(Builder& cell, uint32_t root, bool defines) const {
    std::vector<std::pair<uint32_t, bool>> stack = {{root, false}};
    while (!stack.empty()) {
      const auto [n, ready] = stack.back();
      stack.pop_back();
      if (cell.entries.contains(n)) continue;
      const Expression& node = nodes_[n];
      if (stored_[n] && !(defines && n == root)) {
        cell.entries[n] = parameter(cell, CellOp::Kind::kStored, place_.at(n));
      } else if (node.kind == Kind::kLeaf) {
        cell.entries[n] = parameter(cell, CellOp::Kind::kLeaf, node.a);
      } else if (node.kind == Kind::kUniform) {
        cell.entries[n] = parameter(cell, CellOp::Kind::kUniform, node.a);
      } else {
        const bool swap =
            node.is_binary() && node.kind != Kind::kSub && operand_hash(node.b) < operand_hash(node.a);
        const uint32_t first = swap ? node.b : node.a, second = swap ? node.a : node.b;
        if (!ready) {
          const bool second_sooner = node.is_binary() && operand_values(second) > operand_values(first);
          stack.emplace_back(n, true);
          if (node.is_binary()) stack.emplace_back(second_sooner ? first : second, false);
          stack.emplace_back(second_sooner ? second : first, false);
          continue;
        }
        cell.shape.push_back(
            {op_kind(node.kind), cell.entries.at(first), node.is_binary() ? cell.entries.at(second) : 0});
        cell.entries[n] = static_cast<uint32_t>(cell.shape.size() - 1);
      }
    }
  }
  static CellOp::Kind op_kind(Kind kind) {
    switch (kind) {
      case Kind::kAdd:
        return CellOp::Kind::kAdd;
      case Kind::kSub:
        return CellOp::Kind::kSub;
      case Kind::kNeg:
        return CellOp::Kind::kNeg;
      case Kind::kDouble:
        return CellOp::Kind::kDouble;
      default:
        return CellOp::Kind::kMul;
    }
  }

  std::vector<CellGroup> group(std::span<const uint32_t> roots, bool define) const {
    std::vector<CellGroup> groups;
    std::map<std::vector<uint64_t>, size_t> by_shape;
    for (const uint32_t root : roots) {
      Builder cell;
      build(cell, root, define);
      std::vector<uint64_t> key;
      for (const CellOp& op : cell.shape) {
        key.push_back(static_cast<uint64_t>(op.kind) << 48 | uint64_t{op.a} << 24 | op.b);
      }
      const auto [found, added] = by_shape.try_emplace(std::move(key), groups.size());
      if (added) {
        groups.push_back({std::move(cell.shape), static_cast<uint32_t>(cell.parameters.size()), {}});
      }
      groups[found->second].cells.push_back({root, std::move(cell.parameters)});
    }
    for (CellGroup& of_shape : groups) fix_constants(of_shape);
    return groups;
  }
  // A constant that all cells have is a part of the shape and no parameter.
  void fix_constants(CellGroup& group) const {
    std::vector<bool> fixed(group.parameters, false);
    for (CellOp& op : group.shape) {
      if (op.kind != CellOp::Kind::kUniform) continue;
      const uint32_t first = group.cells[0].parameters[op.a];
      const auto constant = plan_.expressions_.uniforms[first].constant;
      const bool equal = std::all_of(group.cells.begin(), group.cells.end(),
                                     [&](const Cell& cell) { return cell.parameters[op.a] == first; });
      if (!constant || !equal) continue;
      fixed[op.a] = true;
      op = {CellOp::Kind::kConstant, constant->word(), 0};
    }
    std::vector<uint32_t> moved(group.parameters);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < group.parameters; ++i) moved[i] = fixed[i] ? 0 : kept++;
    for (CellOp& op : group.shape) {
      if (op.is_parameter()) op.a = moved[op.a];
    }
    for (Cell& cell : group.cells) {
      std::vector<uint32_t> parameters;
      for (uint32_t i = 0; i < group.parameters; ++i) {
        if (!fixed[i]) parameters.push_back(cell.parameters[i]);
      }
      cell.parameters = std::move(parameters);
    }
    group.parameters = kept;
  }

  void build_groups() {
    std::vector<uint32_t> level(nodes_.size(), 0), terms;
    std::vector<std::vector<uint32_t>> roots;
    for (uint32_t n = 0; n < nodes_.size(); ++n) {
      if (term_[n]) terms.push_back(n);
      if (!stored_[n]) continue;
      walk(n, [&](uint32_t other) {
        if (other != n && stored_[other]) level[n] = std::max(level[n], level[other] + 1);
        return true;
      });
      if (roots.size() <= level[n]) roots.resize(level[n] + 1);
      roots[level[n]].push_back(n);
    }
    for (const std::vector<uint32_t>& of_level : roots) {
      plan_.levels_.push_back(group(of_level, true));
      for (const CellGroup& of_shape : plan_.levels_.back()) {
        for (const Cell& cell : of_shape.cells) place_[cell.root] = plan_.num_stored_++;
      }
    }
    plan_.groups_ = group(terms, false);
  }

  CellPlan& plan_;
  const std::vector<Expression>& nodes_;
  std::vector<uint64_t> visited_;
  uint64_t visit_ = 0;
  std::vector<uint32_t> pending_;
  std::vector<bool> stored_, term_, evaluated_;
  std::vector<uint64_t> hash_;
  std::vector<uint32_t> values_;
  std::map<uint32_t, uint32_t> place_;  // of stored expressions
};

CellPlan::CellPlan(const AirVk& air, std::span<const uint32_t> nodes) : expressions_(air, nodes) {
  CellAnalysis(*this, nodes);
}

}  // namespace openswirl::gpu::codegen
