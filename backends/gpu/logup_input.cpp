#include "gpu/logup_input.h"

#include <algorithm>

#include "gpu/elements.h"
#include "gpu/program_words.h"
#include "stages/constraint_blocks.h"
#include "stages/fraction_weights.h"

namespace openswirl::gpu {
namespace {

// Groups that run at once; more rows than they have threads take turns, so that spilled slots stay bounded.
constexpr uint64_t kMaxGroups = 4096;

}  // namespace

LogupLeaves evaluate_leaves(Work& work, const stages::StageInputs& inputs, const DeviceTraces& traces,
                            const Ext& alpha, const Ext& beta) {
  const uint64_t total = inputs.shape.total_interactions;
  std::vector<size_t> present;
  for (size_t t = 0; t < inputs.traces.size(); ++t) {
    if (!inputs.traces[t].air->constraints.interactions.empty()) present.push_back(t);
  }
  ProgramWords programs(present.size());
  uint64_t fractions = 0;
  ConstraintsFractionsArgs args{u32_of(present.size()), 0};
  for (size_t i = 0; i < present.size(); ++i) {
    const stages::TraceView& trace = inputs.traces[present[i]];
    const InteractionList& interactions = trace.air->constraints.interactions;
    const stages::ConstraintProgram program =
        stages::compile_fractions(*trace.air, stages::ColumnRows::kLeaves);
    const stages::FractionWeights weights = stages::fraction_weights(interactions, alpha, beta);
    ConstraintsTrace descriptor{};
    descriptor.first_group = args.groups;
    descriptor.log_height = trace.shape.log_height;
    descriptor.log_lifted = static_cast<uint32_t>(inputs.shape.params.l_skip) + trace.shape.lifted_n;
    descriptor.log_stride = traces.traces[present[i]].log_stride;
    programs.add(program, traces.traces[present[i]], trace.public_values, descriptor);
    descriptor.weights = programs.add(stages::weight_table(program, weights.messages));
    descriptor.fraction_constants = programs.add(weights.constants);
    descriptor.first_fraction = u32_of(fractions);
    const unsigned copies = trace.shape.n < 0 ? static_cast<unsigned>(-trace.shape.n) : 0;
    descriptor.scale = Fp::one().div_2exp(copies).word();
    programs.set(i, descriptor);
    const uint64_t rows = uint64_t{1} << descriptor.log_lifted;
    args.groups = u32_of(args.groups + (rows + CONSTRAINTS_GROUP - 1) / CONSTRAINTS_GROUP);
    fractions += interactions.size() * rows;
  }

  LogupLeaves leaves;
  leaves.memory.push_back(work.words(total, "LogUp leaves"));
  leaves.memory.push_back(work.words(4 * total, "LogUp leaves"));
  leaves.nodes = {inputs.shape.num_gkr_layers, total, alpha, 1, leaves.memory[0].range(),
                  leaves.memory[1].range()};
  const Array words = work.upload(programs.words(), "constraint programs");
  // Interactions of constants alone read no column.
  std::vector<uint64_t> addresses(std::max<size_t>(programs.addresses().size(), 1));
  std::copy(programs.addresses().begin(), programs.addresses().end(), addresses.begin());
  const Array columns = work.upload(std::span<const uint64_t>(addresses), "column addresses");
  const uint64_t groups = std::min<uint64_t>(args.groups, kMaxGroups);
  const Array spilled = work.words(
      std::max<uint64_t>(groups * CONSTRAINTS_GROUP * programs.spilled_slots(), 1), "constraint slots");
  Call call = calls::ConstraintsFractions{words.range(),  columns.range(), spilled.range(),
                                          leaves.nodes.p, leaves.nodes.q,  args}
                  .call();
  call.uses = traces.memory;
  work.recorder().groups(call, groups);
  return leaves;
}

}  // namespace openswirl::gpu
