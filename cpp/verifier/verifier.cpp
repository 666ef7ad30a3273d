#include "verifier/verifier.h"

#include <algorithm>
#include <new>

#include "openswirl/failure.h"
#include "schedule/protocol.h"
#include "verifier/constraints.h"
#include "verifier/fractions.h"
#include "verifier/rejected.h"
#include "verifier/shape.h"
#include "verifier/stacking.h"
#include "verifier/whir.h"

namespace openswirl {
namespace {

using verifier::Rejected;

void check_params(const SystemParams& params, const SystemParams* expected) {
  if (expected && params != *expected) {
    throw Rejected{"SystemParamsMismatch",
                   "the key was made for other system parameters than the expected ones"};
  }
  const std::string reason = params.invalid_reason();
  if (!reason.empty()) throw Rejected{"SystemParamsMismatch", "no engine has these parameters: " + reason};
}

void check_height_constraints(const VerifyingKey& vk, const Proof& proof) {
  for (const HeightConstraint& constraint : vk.height_constraints) {
    uint64_t sum = 0;
    for (size_t id = 0; id < vk.airs.size(); ++id) {
      if (!proof.trace_vdata[id]) continue;
      sum += uint64_t{constraint.coefficients[id]}
             << std::max<uint64_t>(proof.trace_vdata[id]->log_height, vk.params.l_skip);
      // Tested after every summand: the sum stays far below 2^64.
      if (sum >= constraint.threshold) {
        throw Rejected{"TraceHeightsTooLarge",
                       "the weighted heights reach the threshold " + std::to_string(constraint.threshold)};
      }
    }
    // A threshold of 0 rejects proofs without any weighted height too.
    if (constraint.threshold == 0) throw Rejected{"TraceHeightsTooLarge", "the threshold is 0"};
  }
}

void check_preprocessed_heights(const VerifyingKey& vk, const Proof& proof) {
  for (size_t id = 0; id < vk.airs.size(); ++id) {
    if (!proof.trace_vdata[id] || !vk.airs[id].preprocessed) continue;
    const int64_t expected = vk.airs[id].preprocessed->hypercube_dim + static_cast<int64_t>(vk.params.l_skip);
    verifier::require_equal("PreprocessedTraceHeightMismatch", static_cast<uint64_t>(expected),
                            proof.trace_vdata[id]->log_height, "log height of AIR " + std::to_string(id));
  }
}

// Common main from the proof, preprocessed from the key, cached from the proof (part 07, 5, step 11).
std::vector<Digest> commitment_roots(const VerifyingKey& vk, const ProofShape& shape, const Proof& proof) {
  std::vector<Digest> roots = {proof.common_main_commit};
  for (const TraceShape& trace : shape.traces) {
    if (vk.airs[trace.air_id].preprocessed) roots.push_back(vk.airs[trace.air_id].preprocessed->commit);
    const CompactList<Digest>& cached = proof.trace_vdata[trace.air_id]->cached_commitments;
    roots.insert(roots.end(), cached.begin(), cached.end());
  }
  return roots;
}

void run_checks(const VerifyingKey& vk, const Proof& proof, const VerifyOptions& options) {
  check_params(vk.params, options.params);
  if (proof.trace_vdata.num_present() == 0) {
    throw Rejected{"EmptyTraces", "no AIR is present"};
  }
  const ProofShape shape = verifier::check_shape(vk, proof);
  if (options.public_values && proof.public_values != *options.public_values) {
    throw Rejected{"PublicValuesMismatch", "the proof has other public values than the expected ones"};
  }
  check_height_constraints(vk, proof);
  check_preprocessed_heights(vk, proof);

  Transcript transcript;
  transcript.record_to(options.log);
  run_preamble(transcript, vk, proof);
  verifier::FractionsVerifier fractions(proof.gkr);
  FractionsOutcome outcome = run_fractions(transcript, shape, fractions);
  verifier::ConstraintsVerifier constraints(vk, shape, proof, fractions);
  const std::vector<Ext> r = run_constraints(transcript, vk, shape, std::move(outcome), constraints);
  verifier::StackingVerifier stacking(shape, proof);
  const std::vector<Ext> u = run_stacking(transcript, shape, r, stacking);
  verifier::WhirVerifier whir(shape, proof, commitment_roots(vk, shape, proof));
  run_whir(transcript, shape, u, whir);
}

}  // namespace

Verdict verify(const VerifyingKey& vk, const Proof& proof, const VerifyOptions& options) {
  try {
    run_checks(vk, proof, options);
    return {true, "", ""};
  } catch (const Rejected& rejected) {
    return {false, rejected.check, rejected.detail};
  } catch (const std::bad_alloc&) {
    throw Error(FailureKind::kOutOfMemory,
                "[verifier] the system has no memory left; nothing is known of the proof");
  }
}

}  // namespace openswirl
