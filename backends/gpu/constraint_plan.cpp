#include "gpu/constraint_plan.h"

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

}  // namespace

ConstraintPlan::ConstraintPlan(Work& work, const stages::StageInputs& inputs, const DeviceTraces& traces,
                               const ConstraintPrograms& programs, const GeneratedConstraints* generated,
                               uint64_t coset_words)
    : generated(kernels_of(inputs.shape, generated)),
      eq(eq_tables(inputs.shape)),
      claims(work, {inputs, traces, programs, this->generated, eq}, claim_tasks(inputs, programs), kClaimSums,
             coset_words),
      univariate(work, {inputs, traces, programs, this->generated, eq}, univariate_tasks(inputs, programs),
                 kUnivariateSums, coset_words) {}

}  // namespace openswirl::gpu
