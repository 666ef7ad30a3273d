#include "gpu/constraint_programs.h"

#include <algorithm>
#include <tuple>

#include "gpu/elements.h"
#include "gpu/kernels.h"

namespace openswirl::gpu {
namespace {

using stages::Instruction, stages::LeafSource;

// Shared subexpressions are evaluated in every piece that needs them; more work than this, in percent of
// what one piece would take, is not spent on that. Short pieces are for devices that have nothing to do.
constexpr uint64_t kMaxRepeatedWork = 150, kMaxRepeatedShort = 300;

auto key_of(const LeafSource& leaf) { return std::make_tuple(leaf.kind, leaf.part, leaf.index); }
bool row_less(const LeafSource& a, const LeafSource& b) { return key_of(a) < key_of(b); }

bool is_operation(const Node& node) { return node.is_binary() || node.kind == Node::Kind::kNeg; }

// Counts operations that roots add to a piece.
class Cone {
 public:
  explicit Cone(const ConstraintDag& dag) : dag_(dag), piece_of_(dag.nodes.size(), 0) {}
  void begin_piece() { ++piece_; }
  // The first operation that a root needs, or the root itself: what roots with shared subexpressions are
  // likely to have in common.
  uint32_t first_operation(uint32_t root) {
    begin_piece();
    first_ = root;
    add(root);
    return first_;
  }
  size_t add(uint32_t root) {
    size_t operations = 0;
    open_ = {root};
    while (!open_.empty()) {
      const uint32_t i = open_.back();
      open_.pop_back();
      const Node& node = dag_.nodes[i];
      if (piece_of_[i] == piece_ || !is_operation(node)) continue;
      piece_of_[i] = piece_;
      first_ = std::min(first_, i);
      ++operations;
      open_.push_back(node.left);
      if (node.is_binary()) open_.push_back(node.right);
    }
    return operations;
  }

 private:
  const ConstraintDag& dag_;
  uint32_t piece_ = 0, first_ = 0;
  std::vector<uint32_t> piece_of_;
  std::vector<uint32_t> open_;
};

struct PieceSplit {
  std::vector<std::vector<uint32_t>> pieces;  // indices into the nodes
  uint64_t work = 0;                          // instructions of all pieces
};
// order: indices into nodes, such that neighbours are likely to share subexpressions.
PieceSplit split_nodes(Cone& cone, std::span<const uint32_t> nodes, std::span<const uint32_t> order,
                       size_t piece_instructions) {
  PieceSplit split;
  size_t size = 0;
  for (const uint32_t i : order) {
    size_t more = split.pieces.empty() ? 0 : cone.add(nodes[i]) + 1;
    if (split.pieces.empty() || size + more > piece_instructions) {
      cone.begin_piece();
      split.pieces.emplace_back();
      size = 0;
      more = cone.add(nodes[i]) + 1;
    }
    split.pieces.back().push_back(i);
    size += more;
    split.work += more;
  }
  return split;
}

PieceSplit split_function(const ConstraintDag& dag, std::span<const uint32_t> nodes,
                          size_t piece_instructions, uint64_t max_repeated) {
  Cone cone(dag);
  std::vector<uint32_t> order(nodes.size()), first(nodes.size());
  for (uint32_t i = 0; i < order.size(); ++i) {
    order[i] = i;
    first[i] = cone.first_operation(nodes[i]);
  }
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    return std::tie(first[a], nodes[a]) < std::tie(first[b], nodes[b]);
  });
  const uint64_t whole = split_nodes(cone, nodes, order, ~size_t{0} / 2).work;
  while (true) {
    PieceSplit split = split_nodes(cone, nodes, order, piece_instructions);
    if (split.pieces.size() <= 1 || split.work * 100 <= whole * max_repeated) return split;
    piece_instructions *= 2;
  }
}

uint32_t constraint_opcode(uint32_t op) {
  switch (op) {
    case Instruction::kAdd:
      return CONSTRAINT_ADD;
    case Instruction::kSub:
      return CONSTRAINT_SUB;
    case Instruction::kMul:
      return CONSTRAINT_MUL;
    case Instruction::kMulBase:
      return CONSTRAINT_SCALE;
    case Instruction::kNeg:
      return CONSTRAINT_NEG;
    case Instruction::kAccumulate0:
      return CONSTRAINT_ACCUMULATE;
    default:
      throw Error(FailureKind::kInternal, "an instruction that the device's interpreter does not have");
  }
}

struct Operand {
  uint32_t kind = 0, word = 0;
};

Operand operand_of(const stages::ConstraintProgram& program, const AirRows& rows, uint32_t row) {
  const auto num_leaves = u32_of(program.leaves.size());
  if (row >= num_leaves) {
    const uint32_t slot = row - num_leaves;
    if (slot < CONSTRAINT_SLOTS) return {CONSTRAINT_SLOT, slot};
    return {CONSTRAINT_SPILLED, slot - CONSTRAINT_SLOTS};
  }
  const LeafSource& leaf = program.leaves[row];
  if (leaf.kind == LeafSource::Kind::kConstant) return {CONSTRAINT_IMMEDIATE, leaf.constant.word()};
  if (leaf.kind == LeafSource::Kind::kPublic) return {CONSTRAINT_PUBLIC, leaf.index};
  return {CONSTRAINT_ROW, rows.of(leaf)};
}

// Appends the instructions to the words.
ConstraintPiece encode(const stages::ConstraintProgram& program, const AirRows& rows,
                       std::vector<uint32_t>& words) {
  const auto num_leaves = u32_of(program.leaves.size());
  ConstraintPiece piece;
  piece.instructions = u32_of(words.size());
  piece.num_instructions = u32_of(program.instructions.size());
  for (const Instruction& instruction : program.instructions) {
    const uint32_t op = constraint_opcode(instruction.op);
    const Operand a = operand_of(program, rows, instruction.a);
    // Nothing is read for an operand that is none.
    const Operand b =
        op == CONSTRAINT_NEG ? Operand{CONSTRAINT_IMMEDIATE, 0} : operand_of(program, rows, instruction.b);
    words.insert(words.end(),
                 {op | a.kind << CONSTRAINT_KIND_A_SHIFT | b.kind << CONSTRAINT_KIND_B_SHIFT, a.word, b.word,
                  op == CONSTRAINT_ACCUMULATE ? instruction.target : instruction.target - num_leaves});
  }
  for (const LeafSource& leaf : program.leaves) {
    if (!leaf.is_base()) piece.rows.push_back(rows.of(leaf));
  }
  const uint32_t slots = program.num_rows - num_leaves;
  piece.spilled_slots = slots - std::min(slots, CONSTRAINT_SLOTS);
  return piece;
}

}  // namespace

AirRows::AirRows(const AirVk& air) {
  std::vector<stages::ProgramOutput> outputs;
  const stages::RowFunctions functions(air.constraints);
  for (const auto* nodes : {&functions.constraints, &functions.messages, &functions.counts}) {
    for (const uint32_t node : *nodes) outputs.push_back({node, 0});
  }
  for (const LeafSource& leaf : stages::compile_sums(air, outputs, stages::ColumnRows::kLeaves).leaves) {
    if (!leaf.is_base()) rows.push_back(leaf);
  }
  std::sort(rows.begin(), rows.end(), row_less);
}

uint32_t AirRows::of(const LeafSource& leaf) const {
  return u32_of(std::lower_bound(rows.begin(), rows.end(), leaf, row_less) - rows.begin());
}

ConstraintPrograms::ConstraintPrograms(Work& work, const VerifyingKey& vk, size_t piece_instructions) {
  std::vector<uint32_t> words;
  for (const AirVk& air : vk.airs) {
    AirPrograms& programs =
        airs_.emplace_back(AirPrograms{AirRows(air), stages::RowFunctions(air.constraints), {}, {}});
    const stages::RowFunctions& functions = programs.functions;
    const auto add = [&](std::vector<ConstraintPiece>& pieces, size_t instructions, uint64_t max_repeated) {
      for (const auto& [function, nodes] : {std::pair(RowFunction::kConstraints, &functions.constraints),
                                            std::pair(RowFunction::kMessages, &functions.messages),
                                            std::pair(RowFunction::kCounts, &functions.counts)}) {
        for (const std::vector<uint32_t>& indices :
             split_function(air.constraints, *nodes, instructions, max_repeated).pieces) {
          std::vector<uint32_t> of_piece;
          for (const uint32_t i : indices) of_piece.push_back((*nodes)[i]);
          const stages::ConstraintProgram program = stages::compile_in_order(air, of_piece);
          ConstraintPiece piece = encode(program, programs.rows, words);
          piece.function = function;
          piece.nodes.assign(program.num_weights, ConstraintPiece::kNoNode);
          for (size_t i = 0; i < indices.size(); ++i) piece.nodes[program.weight_index[i]] = indices[i];
          pieces.push_back(std::move(piece));
        }
      }
    };
    add(programs.pieces, piece_instructions, kMaxRepeatedWork);
    const size_t before = words.size();
    add(programs.short_pieces, std::max<size_t>(piece_instructions / kTimesShorter, 1), kMaxRepeatedShort);
    if (programs.short_pieces.size() <= programs.pieces.size()) {
      programs.short_pieces.clear();
      words.resize(before);
    }
  }
  if (words.empty()) words.resize(4);  // nothing is evaluated
  words_ = work.upload(std::span<const uint32_t>(words), "constraint programs");
  work.wait();
}

}  // namespace openswirl::gpu
