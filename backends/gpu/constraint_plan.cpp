#include "gpu/constraint_plan.h"

#include <algorithm>

namespace openswirl::gpu {
namespace {

std::vector<std::shared_ptr<const GeneratedAir>> kernels_of(const ProofShape& shape,
                                                            const GeneratedConstraints* generated) {
  std::vector<std::shared_ptr<const GeneratedAir>> kernels;
  for (const TraceShape& trace : shape.traces) {
    kernels.push_back(generated ? generated->air(trace.air_id) : nullptr);
  }
  return kernels;
}

// Traces are sorted by height.
std::vector<EqSuffixTables> eq_tables(const ProofShape& shape) {
  std::vector<EqSuffixTables> tables;
  for (size_t t = 0; t < shape.traces.size(); ++t) {
    const uint32_t n = shape.traces[t].lifted_n;
    tables.push_back(t > 0 && shape.traces[t - 1].lifted_n == n
                         ? tables.back()
                         : EqSuffixTables(n, t > 0 ? tables.back().end() : 0));
  }
  return tables;
}

// Traces with interactions, on D.
std::vector<CosetTask> claim_tasks(const stages::StageInputs& inputs, const ConstraintPrograms& programs) {
  std::vector<CosetTask> tasks;
  for (size_t t = 0; t < inputs.traces.size(); ++t) {
    if (!programs.air(inputs.traces[t].shape.air_id).functions.counts.empty()) tasks.push_back({t, 0, 1});
  }
  return tasks;
}

std::vector<CosetTask> univariate_tasks(const stages::StageInputs& inputs,
                                        const ConstraintPrograms& programs) {
  std::vector<CosetTask> tasks;
  for (size_t t = 0; t < inputs.traces.size(); ++t) {
    const stages::TraceView& view = inputs.traces[t];
    const uint32_t cosets = stages::cosets_after_domain(*view.air, programs.air(view.shape.air_id).functions);
    if (cosets > 0) tasks.push_back({t, 1, cosets});
  }
  return tasks;
}

// Whether the host takes over before this round.
bool host_takes_over(uint32_t round, const stages::StageInputs& inputs, const ConstraintPrograms& programs,
                     const FoldPlan& fold, uint64_t host_entries) {
  uint64_t entries = 0;
  for (size_t t = 0; t < inputs.traces.size() && inputs.traces[t].shape.lifted_n >= round; ++t) {
    const stages::TraceView& view = inputs.traces[t];
    uint64_t instructions = fold.traces[t].places.size();
    for (const ConstraintPiece& piece : programs.air(view.shape.air_id).pieces) {
      instructions += piece.num_instructions;
    }
    // The host works on vectors of lines.
    entries += std::max(uint64_t{16}, uint64_t{1} << (view.shape.lifted_n - round)) * instructions *
               stages::positions_of(*view.air, inputs.shape.params.max_constraint_degree).count;
  }
  return entries > 0 && entries <= host_entries;
}

uint32_t rounds_of_the_device(const stages::StageInputs& inputs, const ConstraintPrograms& programs,
                              const FoldPlan& fold, uint64_t host_entries) {
  uint32_t last = 0;
  while (last < inputs.shape.n_max && !host_takes_over(last + 1, inputs, programs, fold, host_entries))
    ++last;
  return last;
}

}  // namespace

ConstraintPlan::ConstraintPlan(Work& work, const stages::StageInputs& inputs, const DeviceTraces& traces,
                               const ConstraintPrograms& programs, const GeneratedConstraints* generated,
                               uint64_t host_entries, uint64_t coset_words)
    : generated(kernels_of(inputs.shape, generated)),
      eq(eq_tables(inputs.shape)),
      fold(inputs, traces, programs) {
  const CosetOperands operands{inputs, traces, programs, this->generated, eq};
  claims.emplace(work, operands, claim_tasks(inputs, programs), kClaimSums, coset_words);
  univariate.emplace(work, operands, univariate_tasks(inputs, programs), kUnivariateSums, coset_words);
  lines.emplace(work, LineOperands{inputs, programs, this->generated, eq, fold},
                rounds_of_the_device(inputs, programs, fold, host_entries));
}

}  // namespace openswirl::gpu
