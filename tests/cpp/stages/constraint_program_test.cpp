#include "stages/constraint_program.h"

#include "constraints/batching.h"
#include "constraints/evaluator.h"
#include "googletest.h"
#include "stages/constraint_blocks.h"
#include "vector_case.h"

#include <set>

using namespace openswirl;
using stages::ColumnRows, stages::ConstraintProgram, stages::Instruction, stages::LeafSource,
    stages::ProgramOutput;

namespace {

// Some value for every leaf, the same for a node of the DAG and for the row that stands for it.
Fp leaf_value(uint32_t kind, uint32_t part, uint32_t index) {
  return Fp::from_u64((uint64_t{kind} * 1000003 + part) * 1000003 + index * 7919 + 12345);
}
struct Leaves {
  const AirVk& air;

  Fp variable(const Variable& variable) const {
    if (variable.entry == Variable::Entry::kPublic) return leaf_value(9, 0, variable.index);
    const size_t part =
        variable.entry == Variable::Entry::kPreprocessed ? 1 : air.opening_part_of_main(variable.part_index);
    return leaf_value(variable.offset, static_cast<uint32_t>(part), variable.index);
  }
  Fp is_first_row() const { return leaf_value(5, 0, 0); }
  Fp is_last_row() const { return leaf_value(6, 0, 0); }
  Fp is_transition() const { return leaf_value(7, 0, 0); }
  Fp constant(Fp value) const { return value; }
};
Fp row_value(const LeafSource& leaf) {
  switch (leaf.kind) {
    case LeafSource::Kind::kColumn:
      return leaf_value(0, leaf.part, leaf.index);
    case LeafSource::Kind::kRotatedColumn:
      return leaf_value(1, leaf.part, leaf.index);
    case LeafSource::Kind::kFirst:
      return leaf_value(5, 0, 0);
    case LeafSource::Kind::kLast:
      return leaf_value(6, 0, 0);
    case LeafSource::Kind::kTransition:
      return leaf_value(7, 0, 0);
    case LeafSource::Kind::kPublic:
      return leaf_value(9, 0, leaf.index);
    case LeafSource::Kind::kConstant:
      break;
  }
  return leaf.constant;
}

// What the program adds up, one instruction at a time.
struct ProgramRun {
  std::vector<Fp> rows;
  Ext sums[2] = {Ext::zero(), Ext::zero()};
  std::vector<std::pair<Fp, Ext>> fractions;

  ProgramRun(const ConstraintProgram& program, const std::vector<Ext>& weights, size_t num_fractions)
      : rows(program.num_rows, Fp::zero()), fractions(num_fractions, {Fp::zero(), Ext::zero()}) {
    for (size_t i = 0; i < program.leaves.size(); ++i) rows[i] = row_value(program.leaves[i]);
    const auto column = [&](const Instruction& instruction, uint32_t rotated) {
      const stages::LoadedColumn& loaded = program.columns[instruction.target];
      return leaf_value(rotated, loaded.part, loaded.index);
    };
    for (const Instruction& instruction : program.instructions) {
      const Fp a = rows[instruction.a], b = rows[instruction.b];
      switch (instruction.op) {
        case Instruction::kAdd:
          rows[instruction.target] = a + b;
          break;
        case Instruction::kSub:
          rows[instruction.target] = a - b;
          break;
        case Instruction::kMul:
        case Instruction::kMulBase:
          rows[instruction.target] = a * b;
          break;
        case Instruction::kNeg:
          rows[instruction.target] = -a;
          break;
        case Instruction::kLoad:
          rows[instruction.a] = column(instruction, 0);
          break;
        case Instruction::kLoadRotated:
          rows[instruction.a] = column(instruction, 1);
          break;
        case Instruction::kLoadBoth:
          rows[instruction.a] = column(instruction, 0);
          rows[instruction.b] = column(instruction, 1);
          break;
        case Instruction::kEmit:
          fractions[instruction.target] = {a, sums[0]};
          sums[0] = Ext::zero();
          break;
        default:
          sums[instruction.op - Instruction::kAccumulate0] +=
              weights[instruction.target] * a + weights[instruction.target + 1] * b;
      }
    }
  }
};

Ext challenge(uint32_t i) {
  return Ext(Fp::from_u32(i + 2), Fp::from_u32(3 * i), Fp::from_u32(i * i), Fp::one()).pow(5);
}

}  // namespace

TEST(ConstraintProgram, EqualsTheDagOfEveryKey) {
  size_t fractions = 0;
  for (const std::string& name : vectors::cases()) {
    SCOPED_TRACE(name);
    const VerifyingKey vk =
        decode_verifying_key(vectors::read_bytes(vectors::folder() / name / "vk.postcard"));
    for (const AirVk& air : vk.airs) {
      const ConstraintDag& dag = air.constraints;
      std::vector<Fp> nodes(dag.nodes.size());
      evaluate_dag<Fp>(dag, Leaves{air}, std::span(nodes));

      // Constraints in sum 1, counts in sum 0: an odd and an even number of weights, some nodes in both.
      std::vector<ProgramOutput> outputs;
      std::vector<Ext> weights;
      Ext expected[2] = {Ext::zero(), Ext::zero()};
      const auto add = [&](uint32_t node, uint32_t sum) {
        outputs.push_back({node, sum});
        weights.push_back(challenge(static_cast<uint32_t>(outputs.size())));
        expected[sum] += weights.back() * nodes[node];
      };
      for (const uint32_t node : dag.constraint_idx) add(node, 1);
      for (const Interaction& interaction : dag.interactions) add(interaction.count, 0);
      for (const ColumnRows columns : {ColumnRows::kLeaves, ColumnRows::kSlots}) {
        const ConstraintProgram program = stages::compile_sums(air, outputs, columns);
        const ProgramRun run(program, stages::weight_table(program, weights), 0);
        EXPECT_EQ(run.sums[0], expected[0]);
        EXPECT_EQ(run.sums[1], expected[1]);
        // Every column once.
        std::set<std::pair<uint32_t, uint32_t>> loaded;
        for (const stages::LoadedColumn& column : program.columns) loaded.insert({column.part, column.index});
        EXPECT_EQ(loaded.size(), program.columns.size());
        EXPECT_TRUE(columns == ColumnRows::kSlots || loaded.empty());
      }

      std::vector<uint32_t> backwards(dag.constraint_idx.begin(), dag.constraint_idx.end());
      std::reverse(backwards.begin(), backwards.end());
      std::vector<Ext> backward_weights;
      Ext backward_sum = Ext::zero();
      for (const uint32_t node : backwards) {
        backward_weights.push_back(challenge(backward_weights.size()));
        backward_sum += backward_weights.back() * nodes[node];
      }
      const ConstraintProgram in_order = stages::compile_in_order(air, backwards);
      EXPECT_EQ(ProgramRun(in_order, stages::weight_table(in_order, backward_weights), 0).sums[0],
                backward_sum);

      const Ext beta = challenge(1);
      const std::vector<Ext> beta_powers = powers(beta, max_message_length(dag) + 1);
      std::vector<Ext> message_weights;
      for (const Interaction& interaction : dag.interactions) {
        for (size_t j = 0; j < interaction.message.size(); ++j) message_weights.push_back(beta_powers[j]);
      }
      for (const ColumnRows columns : {ColumnRows::kLeaves, ColumnRows::kSlots}) {
        const ConstraintProgram emitting = stages::compile_fractions(air, columns);
        const ProgramRun emitted(emitting, stages::weight_table(emitting, message_weights),
                                 dag.interactions.size());
        for (size_t s = 0; s < dag.interactions.size(); ++s) {
          const Interaction& interaction = dag.interactions[s];
          const Ext bus =
              beta_powers[interaction.message.size()] * Fp::from_u32(uint32_t{interaction.bus_index} + 1);
          EXPECT_EQ(emitted.fractions[s].first, nodes[interaction.count]);
          EXPECT_EQ(emitted.fractions[s].second + bus,
                    interaction_denominator<Ext>(interaction, std::span<const Fp>(nodes),
                                                 std::span<const Ext>(beta_powers)));
          ++fractions;
        }
      }
    }
  }
  EXPECT_GT(fractions, 500);
}

// Keccak-f needs few slots and no dead nodes, and fewer rows where columns take slots too.
TEST(ConstraintProgram, ReusesRows) {
  const VerifyingKey vk =
      decode_verifying_key(vectors::read_bytes(vectors::folder() / "keccakf_2" / "vk.postcard"));
  std::vector<ProgramOutput> outputs;
  for (const uint32_t node : vk.airs[0].constraints.constraint_idx) outputs.push_back({node, 0});
  const ConstraintProgram program = stages::compile_sums(vk.airs[0], outputs, ColumnRows::kLeaves);
  const ConstraintProgram loading = stages::compile_sums(vk.airs[0], outputs, ColumnRows::kSlots);
  EXPECT_LT(loading.num_rows, program.num_rows - 600);
  EXPECT_LT(program.num_rows - program.leaves.size(), 700u);
  EXPECT_LT(program.instructions.size(), vk.airs[0].constraints.nodes.size());
  // One constraint alone needs only what it needs, and a value is held no longer than until its use.
  const std::vector<uint32_t> last = {vk.airs[0].constraints.constraint_idx.back()};
  const ConstraintProgram alone = stages::compile_in_order(vk.airs[0], last);
  EXPECT_LT(alone.instructions.size(), 200u);
  EXPECT_LT(alone.num_rows - alone.leaves.size(), 16u);
}
