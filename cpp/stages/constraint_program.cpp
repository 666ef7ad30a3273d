#include "stages/constraint_program.h"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <tuple>

namespace openswirl::stages {
namespace {

constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();

// Instructions over nodes first; rows are assigned once every last use is known.
class Compiler {
 public:
  Compiler(const AirVk& air, ColumnRows columns)
      : air_(air),
        dag_(air.constraints),
        columns_(columns),
        evaluated_(dag_.nodes.size()),
        row_(dag_.nodes.size(), kNone),
        same_(dag_.nodes.size()) {
    std::iota(same_.begin(), same_.end(), 0);
  }

  // Marks what the roots need, from users to operands.
  void mark(std::span<const uint32_t> roots) {
    live_.assign(dag_.nodes.size(), false);
    for (const uint32_t root : roots) live_[root] = true;
    for (size_t i = dag_.nodes.size(); i-- > 0;) {
      const Node& node = dag_.nodes[i];
      if (!live_[i] || (!node.is_binary() && node.kind != Node::Kind::kNeg)) continue;
      live_[node.left] = true;
      if (node.is_binary()) live_[node.right] = true;
    }
  }

  // The instruction of one node; leaves get their row here.
  void evaluate(uint32_t i) {
    const Node& node = dag_.nodes[i];
    evaluated_[i] = true;
    switch (node.kind) {
      case Node::Kind::kAdd:
        emit(Instruction::kAdd, i, node.left, node.right);
        break;
      case Node::Kind::kSub:
        emit(Instruction::kSub, i, node.left, node.right);
        break;
      case Node::Kind::kNeg:
        emit(Instruction::kNeg, i, node.left, node.left);
        break;
      case Node::Kind::kMul:
        if (is_base(node.right)) {
          emit(Instruction::kMulBase, i, node.left, node.right);
        } else if (is_base(node.left)) {
          emit(Instruction::kMulBase, i, node.right, node.left);
        } else {
          emit(Instruction::kMul, i, node.left, node.right);
        }
        break;
      default: {
        const LeafSource leaf = leaf_of(node);
        if (columns_ == ColumnRows::kSlots && is_column(leaf)) {
          // Nodes of one column are one value.
          same_[i] = column_nodes_.try_emplace({leaf.part, leaf.index, leaf.kind}, i).first->second;
        } else {
          row_[i] = leaf_row(leaf);
        }
      }
    }
  }

  // Adds a new weight times the node to the sum; returns the weight's index. Two at a time share an
  // instruction.
  uint32_t accumulate(uint32_t node, uint32_t sum) {
    std::optional<uint32_t>& pending = pending_[sum];
    if (!pending) {
      pending = node;
      pending_weight_[sum] = program_.num_weights;
      program_.num_weights += 2;
      return pending_weight_[sum];
    }
    emit(Instruction::kAccumulate0 + sum, pending_weight_[sum], *pending, node);
    pending.reset();
    return pending_weight_[sum] + 1;
  }
  void flush(uint32_t sum) {
    if (pending_[sum])
      emit(Instruction::kAccumulate0 + sum, pending_weight_[sum], *pending_[sum], *pending_[sum]);
    pending_[sum].reset();
  }
  void emit_fraction(uint32_t interaction, uint32_t count) {
    flush(0);
    emit(Instruction::kEmit, interaction, count, count);
  }
  bool live(uint32_t node) const { return live_[node]; }
  bool evaluated(uint32_t node) const { return evaluated_[node]; }

  ConstraintProgram finish(std::vector<uint32_t> weight_index, uint32_t num_sums) {
    for (uint32_t sum = 0; sum < 2; ++sum) flush(sum);
    assign_rows();
    program_.weight_index = std::move(weight_index);
    program_.num_sums = num_sums;
    return std::move(program_);
  }

 private:
  static bool defines(const Instruction& instruction) {
    return instruction.op <= Instruction::kNeg || instruction.op == Instruction::kMulBase;
  }
  static bool is_column(const LeafSource& leaf) {
    return leaf.kind == LeafSource::Kind::kColumn || leaf.kind == LeafSource::Kind::kRotatedColumn;
  }
  void emit(uint32_t op, uint32_t target, uint32_t a, uint32_t b) {
    program_.instructions.push_back({op, target, same_[a], same_[b]});
  }

  bool is_base(uint32_t i) const {
    const Node& node = dag_.nodes[i];
    return node.kind == Node::Kind::kConstant ||
           (node.kind == Node::Kind::kVariable && node.variable().entry == Variable::Entry::kPublic);
  }

  LeafSource leaf_of(const Node& node) const {
    using Kind = LeafSource::Kind;
    switch (node.kind) {
      case Node::Kind::kIsFirstRow:
        return {Kind::kFirst, 0, 0, Fp::zero()};
      case Node::Kind::kIsLastRow:
        return {Kind::kLast, 0, 0, Fp::zero()};
      case Node::Kind::kIsTransition:
        return {Kind::kTransition, 0, 0, Fp::zero()};
      case Node::Kind::kConstant:
        return {Kind::kConstant, 0, 0, node.constant()};
      default:
        break;
    }
    const Variable variable = node.variable();
    if (variable.entry == Variable::Entry::kPublic) return {Kind::kPublic, 0, variable.index, Fp::zero()};
    const size_t part =
        variable.entry == Variable::Entry::kPreprocessed ? 1 : air_.opening_part_of_main(variable.part_index);
    return {variable.offset == 0 ? Kind::kColumn : Kind::kRotatedColumn, static_cast<uint32_t>(part),
            variable.index, Fp::zero()};
  }

  uint32_t leaf_row(const LeafSource& leaf) {
    const auto key = std::make_tuple(leaf.kind, leaf.part, leaf.index, leaf.constant.word());
    const auto [found, added] = leaf_rows_.try_emplace(key, static_cast<uint32_t>(program_.leaves.size()));
    if (added) program_.leaves.push_back(leaf);
    return found->second;
  }

  void assign_rows() {
    std::vector<uint32_t> last_use(dag_.nodes.size(), 0);
    for (uint32_t i = 0; i < program_.instructions.size(); ++i) {
      last_use[program_.instructions[i].a] = i;
      last_use[program_.instructions[i].b] = i;
    }
    program_.num_rows = static_cast<uint32_t>(program_.leaves.size());
    std::vector<Instruction> placed;
    for (uint32_t i = 0; i < program_.instructions.size(); ++i) {
      Instruction instruction = program_.instructions[i];
      const uint32_t a = instruction.a, b = instruction.b;
      for (const uint32_t operand : {a, b}) {
        if (row_[operand] == kNone) placed.push_back(load(operand));
      }
      instruction.a = row_[a];
      instruction.b = row_[b];
      // A target may take the row of an operand that ends here: every kernel reads before it writes.
      if (last_use[a] == i && row_[a] >= program_.leaves.size()) free_.push_back(row_[a]);
      if (b != a && last_use[b] == i && row_[b] >= program_.leaves.size()) free_.push_back(row_[b]);
      if (defines(instruction)) {
        const uint32_t row = take_row();
        row_[instruction.target] = row;
        instruction.target = row;
      }
      placed.push_back(instruction);
    }
    program_.instructions = std::move(placed);
  }

  uint32_t take_row() {
    if (free_.empty()) return program_.num_rows++;
    const uint32_t row = free_.back();
    free_.pop_back();
    return row;
  }

  // Of the column that the node stands for: both its rows at once where both are used.
  Instruction load(uint32_t node) {
    const LeafSource leaf = leaf_of(dag_.nodes[node]);
    const auto column = static_cast<uint32_t>(program_.columns.size());
    program_.columns.push_back({leaf.part, leaf.index});
    const auto row_of = [&](LeafSource::Kind kind) {
      const auto found = column_nodes_.find({leaf.part, leaf.index, kind});
      if (found == column_nodes_.end()) return kNone;
      return row_[found->second] = take_row();
    };
    const uint32_t plain = row_of(LeafSource::Kind::kColumn),
                   rotated = row_of(LeafSource::Kind::kRotatedColumn);
    if (rotated == kNone) return {Instruction::kLoad, column, plain, plain};
    if (plain == kNone) return {Instruction::kLoadRotated, column, rotated, rotated};
    return {Instruction::kLoadBoth, column, plain, rotated};
  }

  const AirVk& air_;
  const ConstraintDag& dag_;
  const ColumnRows columns_;
  ConstraintProgram program_;
  std::vector<bool> live_, evaluated_;
  std::vector<uint32_t> row_;   // per node
  std::vector<uint32_t> same_;  // per node: the first one with the same column, or itself
  std::vector<uint32_t> free_;  // rows, most recently freed last: it is the one still in the cache
  std::map<std::tuple<uint32_t, uint32_t, LeafSource::Kind>, uint32_t> column_nodes_;
  std::map<std::tuple<LeafSource::Kind, uint32_t, uint32_t, uint32_t>, uint32_t> leaf_rows_;
  std::array<std::optional<uint32_t>, 2> pending_;
  std::array<uint32_t, 2> pending_weight_{};
};

}  // namespace

ConstraintProgram compile_sums(const AirVk& air, std::span<const ProgramOutput> outputs, ColumnRows columns) {
  Compiler compiler(air, columns);
  std::vector<uint32_t> roots, order(outputs.size()), weight_index(outputs.size());
  uint32_t num_sums = 1;
  for (uint32_t i = 0; i < outputs.size(); ++i) {
    roots.push_back(outputs[i].node);
    order[i] = i;
    num_sums = std::max(num_sums, outputs[i].sum + 1);
  }
  compiler.mark(roots);
  std::stable_sort(order.begin(), order.end(),
                   [&](uint32_t a, uint32_t b) { return outputs[a].node < outputs[b].node; });
  size_t next = 0;
  for (uint32_t node = 0; node < air.constraints.nodes.size(); ++node) {
    if (!compiler.live(node)) continue;
    compiler.evaluate(node);
    for (; next < order.size() && outputs[order[next]].node == node; ++next) {
      weight_index[order[next]] = compiler.accumulate(node, outputs[order[next]].sum);
    }
  }
  return compiler.finish(std::move(weight_index), num_sums);
}

ConstraintProgram compile_in_order(const AirVk& air, std::span<const uint32_t> nodes) {
  Compiler compiler(air, ColumnRows::kLeaves);
  std::vector<uint32_t> weight_index, open;
  for (const uint32_t root : nodes) {
    open.push_back(root);
    while (!open.empty()) {
      const uint32_t i = open.back();
      const Node& node = air.constraints.nodes[i];
      const size_t before = open.size();
      if (compiler.evaluated(i)) {
        open.pop_back();
        continue;
      }
      if (node.is_binary() && !compiler.evaluated(node.right)) open.push_back(node.right);
      if ((node.is_binary() || node.kind == Node::Kind::kNeg) && !compiler.evaluated(node.left)) {
        open.push_back(node.left);
      }
      if (open.size() > before) continue;
      compiler.evaluate(i);
      open.pop_back();
    }
    weight_index.push_back(compiler.accumulate(root, 0));
  }
  return compiler.finish(std::move(weight_index), 1);
}

ConstraintProgram compile_fractions(const AirVk& air, ColumnRows columns) {
  const InteractionList& interactions = air.constraints.interactions;
  Compiler compiler(air, columns);
  std::vector<uint32_t> roots, last_node, order, first_output, weight_index;
  for (uint32_t s = 0; s < interactions.size(); ++s) {
    const Interaction& interaction = interactions[s];
    first_output.push_back(static_cast<uint32_t>(weight_index.size()));
    weight_index.resize(weight_index.size() + interaction.message.size());
    roots.insert(roots.end(), interaction.message.begin(), interaction.message.end());
    roots.push_back(interaction.count);
    last_node.push_back(std::max(interaction.count,
                                 *std::max_element(interaction.message.begin(), interaction.message.end())));
    order.push_back(s);
  }
  compiler.mark(roots);
  // A fraction is emitted as soon as all its nodes exist, so that their rows become free.
  std::stable_sort(order.begin(), order.end(),
                   [&](uint32_t a, uint32_t b) { return last_node[a] < last_node[b]; });
  size_t next = 0;
  for (uint32_t node = 0; node < air.constraints.nodes.size(); ++node) {
    if (!compiler.live(node)) continue;
    compiler.evaluate(node);
    for (; next < order.size() && last_node[order[next]] == node; ++next) {
      const uint32_t s = order[next];
      for (size_t j = 0; j < interactions[s].message.size(); ++j) {
        weight_index[first_output[s] + j] = compiler.accumulate(interactions[s].message[j], 0);
      }
      compiler.emit_fraction(s, interactions[s].count);
    }
  }
  return compiler.finish(std::move(weight_index), 1);
}

}  // namespace openswirl::stages
