#include "gpu/program_words.h"

#include <algorithm>
#include <cstring>

#include "gpu/elements.h"

namespace openswirl::gpu {
namespace {

uint32_t operand(uint32_t kind, size_t index) { return kind << OPERAND_KIND_SHIFT | u32_of(index); }

uint32_t program_opcode(uint32_t op) {
  using stages::Instruction;
  switch (op) {
    case Instruction::kAdd:
      return OP_ADD;
    case Instruction::kSub:
      return OP_SUB;
    case Instruction::kMul:
    case Instruction::kMulBase:
      return OP_MUL;
    case Instruction::kNeg:
      return OP_NEG;
    case Instruction::kAccumulate0:
      return OP_ACCUMULATE;
    case Instruction::kEmit:
      return OP_EMIT;
    default:
      throw Error(FailureKind::kInternal, "an instruction that the device's interpreter does not have");
  }
}

}  // namespace

uint32_t ProgramWords::align() {
  words_.resize((words_.size() + 3) / 4 * 4);
  return u32_of(words_.size());
}

uint32_t ProgramWords::add(std::span<const Ext> elements) {
  const uint32_t begin = align();
  for (const Ext& element : elements) {
    for (const Fp coefficient : element.c) words_.push_back(coefficient.word());
  }
  return begin;
}

void ProgramWords::add(const stages::ConstraintProgram& program, const TraceColumns& columns,
                       std::span<const Fp> public_values, ConstraintsTrace& descriptor) {
  using Kind = stages::LeafSource::Kind;
  descriptor.columns = u32_of(addresses_.size());
  std::vector<uint32_t> leaves, constants;
  for (const stages::LeafSource& leaf : program.leaves) {
    switch (leaf.kind) {
      case Kind::kColumn:
      case Kind::kRotatedColumn:
        leaves.push_back(operand(leaf.kind == Kind::kColumn ? OPERAND_COLUMN : OPERAND_ROTATED,
                                 addresses_.size() - descriptor.columns));
        addresses_.push_back(columns.parts.at(leaf.part).at(leaf.index));
        break;
      case Kind::kFirst:
        leaves.push_back(operand(OPERAND_FIRST, 0));
        break;
      case Kind::kLast:
        leaves.push_back(operand(OPERAND_LAST, 0));
        break;
      case Kind::kTransition:
        leaves.push_back(operand(OPERAND_TRANSITION, 0));
        break;
      case Kind::kPublic:
      case Kind::kConstant:
        leaves.push_back(operand(OPERAND_CONSTANT, constants.size()));
        constants.push_back((leaf.kind == Kind::kPublic ? public_values[leaf.index] : leaf.constant).word());
    }
  }
  const uint32_t num_leaves = u32_of(leaves.size());
  const auto place = [&](uint32_t row) {
    return row < num_leaves ? leaves[row] : operand(OPERAND_SLOT, row - num_leaves);
  };
  descriptor.instructions = align();
  descriptor.num_instructions = u32_of(program.instructions.size());
  for (const stages::Instruction& instruction : program.instructions) {
    const uint32_t op = program_opcode(instruction.op);
    const bool defines = op != OP_ACCUMULATE && op != OP_EMIT;
    words_.insert(words_.end(), {op, defines ? instruction.target - num_leaves : instruction.target,
                                 place(instruction.a), place(instruction.b)});
  }
  descriptor.constants = u32_of(words_.size());
  words_.insert(words_.end(), constants.begin(), constants.end());
  const uint32_t slots = program.num_rows - num_leaves;
  spilled_slots_ = std::max(spilled_slots_, slots - std::min(slots, CONSTRAINTS_SHARED_SLOTS));
}

void ProgramWords::set(size_t trace, const ConstraintsTrace& descriptor) {
  std::memcpy(words_.data() + trace * (sizeof(descriptor) / 4), &descriptor, sizeof(descriptor));
}

}  // namespace openswirl::gpu
