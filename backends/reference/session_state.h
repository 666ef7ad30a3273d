// What the four stage workers read of a session: shape, key, traces as committed.
#pragma once

#include <memory>
#include <vector>

#include "commitment.h"

namespace openswirl::reference {

// One present trace. Its parts are read from the stacked matrices they were committed in.
struct Trace {
  struct Part {
    std::vector<const Fp*> columns;
    uint64_t stride = 1;  // > 1 for traces shorter than 2^l_skip
  };
  const AirVk* air = nullptr;
  TraceShape shape;
  std::vector<Part> parts;  // opening order: common main, preprocessed if any, cached mains
  std::vector<Fp> public_values;

  uint64_t height() const { return uint64_t{1} << shape.log_height; }
  Fp cell(size_t part, size_t column, uint64_t row) const {
    return parts[part].columns[column][row * parts[part].stride];
  }
  // The opening part that a column variable of the DAG names.
  size_t part_of(const Variable& variable) const {
    return variable.entry == Variable::Entry::kPreprocessed ? 1
                                                            : air->opening_part_of_main(variable.part_index);
  }
  // 2^-max(0, -n): makes the repeated rows of a short trace count once.
  Fp norm() const { return Fp::one().div_2exp(shape.n < 0 ? static_cast<unsigned>(-shape.n) : 0); }
};

struct SessionState {
  std::shared_ptr<const ProvingKey> key;
  ProofShape shape;
  Context context;
  std::vector<std::shared_ptr<const StackedCommitment>> commitments;  // commit order
  std::vector<Trace> traces;                                          // sorted trace order

  const VerifyingKey& vk() const { return key->vk; }
  uint32_t l_skip() const { return static_cast<uint32_t>(shape.params.l_skip); }
  void poll() const { context.cancel->poll(); }
};

std::unique_ptr<FractionTree> make_fraction_tree(const SessionState& state, const Ext& alpha,
                                                 const Ext& beta);
std::unique_ptr<ConstraintSum> make_constraint_sum(const SessionState& state,
                                                   const ConstraintChallenges& challenges);
std::unique_ptr<StackedSum> make_stacked_sum(const SessionState& state, std::span<const Ext> r,
                                             const Ext& lambda);
std::unique_ptr<Opening> make_opening(const SessionState& state, std::span<const Ext> u, const Ext& mu);

}  // namespace openswirl::reference
