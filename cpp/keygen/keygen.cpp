// The passes of key generation in the order that decides which error is reported.
#include "keygen/keygen.h"

#include <bit>

#include "codec/proving_key.h"
#include "codec/verifying_key.h"
#include "openswirl/failure.h"

namespace openswirl {
namespace {

[[noreturn]] void fail(const std::string& what) { throw Error(FailureKind::kKeygen, "[keygen] " + what); }

[[noreturn]] void fail(const AirDefinition& air, const std::string& what) {
  fail("AIR \"" + air.name + "\": " + what);
}

std::string at_source(const std::vector<std::string>& sources, size_t index) {
  return index < sources.size() && !sources[index].empty() ? ", recorded at " + sources[index] : "";
}

void check_preprocessed(const SystemParams& params, const AirDefinition& air) {
  if (air.preprocessed.has_value() != air.width.preprocessed.has_value()) {
    fail(air, "a preprocessed width needs a preprocessed trace, and the reverse");
  }
  if (!air.preprocessed) return;
  const PreprocessedTrace& trace = *air.preprocessed;
  const std::string shape = std::to_string(trace.rows) + " x " + std::to_string(trace.columns);
  if (trace.columns == 0)
    fail(air, "the preprocessed trace (" + shape + ") has no columns; return none instead");
  if (trace.columns != *air.width.preprocessed) {
    fail(air, "the preprocessed trace is " + shape + " but its width is declared as " +
                  std::to_string(*air.width.preprocessed));
  }
  if (!std::has_single_bit(trace.rows)) {
    fail(air, "the preprocessed trace (" + shape + ") must have a power of two of rows");
  }
  if (trace.rows > uint64_t{1} << params.log_stacked_height()) {
    fail(air, "the preprocessed trace (" + shape + ") has more rows than the stacked height 2^" +
                  std::to_string(params.log_stacked_height()) + "; use larger parameters");
  }
  for (uint64_t i = 0; i < trace.rows * trace.columns; ++i) {
    if (trace.data[i] >= Fp::kModulus) {
      fail(air, "preprocessed value " + std::to_string(trace.data[i]) + " at row " +
                    std::to_string(i / trace.columns) + ", column " + std::to_string(i % trace.columns) +
                    " is not below p = " + std::to_string(Fp::kModulus));
    }
  }
}

void check_air(const SystemParams& params, const AirDefinition& air) {
  if (air.main_width() == 0)
    fail(air, "the main width is 0 (AirWidthZero); declare at least one main column");
  const ConstraintDag& dag = air.constraints;
  if (dag.constraint_idx.empty() && dag.interactions.empty()) {
    fail(air, "no constraint and no interaction was recorded (AirNoConstraintsOrInteractions)");
  }
  for (size_t i = 0; i < dag.interactions.size(); ++i) {
    if (!dag.interactions[i].message.empty()) continue;
    fail(air, "interaction " + std::to_string(i) + " has an empty message (InteractionMessageEmpty)" +
                  at_source(air.interaction_sources, i));
  }
  if (air.degree > params.max_constraint_degree) {
    fail(air, "its degree " + std::to_string(air.degree) + " exceeds the max_constraint_degree " +
                  std::to_string(params.max_constraint_degree) +
                  " of the parameters (MaxConstraintDegreeExceeded)");
  }
  check_dag(air);
}

void check_message_lengths(const SystemParams& params, const AirDefinition& air) {
  const uint64_t limit = (uint64_t{1} << params.logup.log_max_message_length) - 1;
  for (size_t i = 0; i < air.constraints.interactions.size(); ++i) {
    const size_t length = air.constraints.interactions[i].message.size();
    if (length <= limit) continue;
    fail(air, "the message of interaction " + std::to_string(i) + " has " + std::to_string(length) +
                  " fields; the parameters allow " + std::to_string(limit) +
                  at_source(air.interaction_sources, i));
  }
}

AirVk make_air_vk(const AirDefinition& air) {
  AirVk vk;
  vk.width = air.width;
  vk.num_public_values = static_cast<uint32_t>(air.num_public_values);  // at most kMaxAirColumns
  vk.need_rot = dag_needs_rotation(air.constraints);
  vk.constraints = air.constraints;
  vk.max_constraint_degree = static_cast<uint8_t>(air.degree);  // at most max_constraint_degree, at most 255
  vk.unused_variables = unused_variables(air.constraints, air.width, vk.need_rot);
  return vk;
}

PreprocessedVk make_preprocessed_vk(const SystemParams& params, const PreprocessedTrace& trace,
                                    const HostCommitment& commitment) {
  const auto log_height = static_cast<uint64_t>(std::countr_zero(trace.rows));
  const uint64_t log_lifted = log_height > params.l_skip ? log_height : params.l_skip;
  const uint64_t log_stacked = params.log_stacked_height();
  const uint64_t cells = trace.columns << log_lifted;
  PreprocessedVk vk;
  vk.commit = commitment.root();
  vk.hypercube_dim = static_cast<int64_t>(log_height) - static_cast<int64_t>(params.l_skip);
  vk.stacking_width = (cells + (uint64_t{1} << log_stacked) - 1) >> log_stacked;
  return vk;
}

}  // namespace

ProvingKey keygen(const SystemParams& params, AirList airs, std::span<const uint32_t> required,
                  const CommitPreprocessed& commit) {
  const std::string reason = params.invalid_reason();
  if (!reason.empty()) fail("invalid system parameters: " + reason);
  if (airs.empty()) fail("there is no AIR; a key needs at least one");
  if (airs.size() > kMaxAirs) {
    fail("there are " + std::to_string(airs.size()) + " AIRs, at most " + std::to_string(kMaxAirs) +
         " are possible; split them over several keys");
  }
  for (const uint32_t id : required) {
    if (id >= airs.size()) {
      fail("AIR id " + std::to_string(id) + " is required but there are only " + std::to_string(airs.size()) +
           " AIRs");
    }
  }
  for (const auto& air : airs) {
    check_sizes(*air);
    check_preprocessed(params, *air);
    check_air(params, *air);
  }
  for (const auto& air : airs) check_message_lengths(params, *air);

  ProvingKey key;
  key.vk.params = params;
  for (const auto& air : airs) {
    key.vk.airs.push_back(make_air_vk(*air));
    key.airs.push_back({air->name, nullptr, air->constraint_sources, air->interaction_sources});
  }
  for (const uint32_t id : required) key.vk.airs[id].is_required = true;
  key.vk.height_constraints = height_constraints(airs, params.logup.max_interaction_count);
  for (size_t id = 0; id < airs.size(); ++id) {
    if (!airs[id]->preprocessed) continue;
    key.airs[id].preprocessed = commit(params, *airs[id]->preprocessed);
    key.vk.airs[id].preprocessed =
        make_preprocessed_vk(params, *airs[id]->preprocessed, *key.airs[id].preprocessed);
  }
  key.vk.pre_hash = verifying_key_pre_hash(key.vk);
  if (!verifying_key_decodes(key.vk) || !proving_key_decodes(key)) {
    fail(
        "the key would take more memory than its bytes may when it is loaded, 4 for each and 768 KiB; leave "
        "out "
        "nodes that repeat others, or split the AIRs over several keys");
  }
  return key;
}

}  // namespace openswirl
