#include "prover/prove.h"

#include "prover/check_inputs.h"
#include "prover/constraints.h"
#include "prover/fractions.h"
#include "prover/stacking.h"
#include "prover/whir.h"
#include "schedule/protocol.h"
#include "verifier/verifier.h"

namespace openswirl {
namespace {

using namespace prover;

// The statement (part 07, 7, step 4), all but the common main commitment.
Proof make_statement(const VerifyingKey& vk, const ProofShape& shape, std::span<const TraceInput> inputs) {
  Proof proof;
  proof.trace_vdata.resize(vk.airs.size());
  proof.public_values.resize(vk.airs.size());
  for (size_t t = 0; t < inputs.size(); ++t) {
    std::vector<Digest> cached;
    for (const auto& commitment : inputs[t].cached_mains) cached.push_back(commitment->root());
    const TraceShape& trace = shape.traces[t];
    proof.trace_vdata.set(trace.air_id, TraceVData{trace.log_height, std::move(cached)});
    proof.public_values.set(trace.air_id, inputs[t].public_values);
  }
  return proof;
}

std::vector<TraceInput> import_traces(Device& device, const CheckedInputs& checked,
                                      std::vector<AirTrace>& traces, const Context& context) {
  const Span span(*context.spans, "import_traces");
  std::vector<TraceInput> inputs;
  for (const size_t i : checked.order) {
    AirTrace& trace = traces[i];
    TraceInput& input = inputs.emplace_back();
    if (const auto* host = std::get_if<HostMatrix>(&trace.common_main)) {
      input.common_main = device.import(*host, context).take();
    } else {
      input.common_main = std::get<std::shared_ptr<const DeviceMatrix>>(trace.common_main);
    }
    input.cached_mains = std::move(trace.cached_mains);
    input.public_values = std::move(trace.public_values);
  }
  return inputs;
}

Digest commit(const Run& run) {
  const Span stage(*run.context.spans, "prover.main_trace_commit");
  const Span span(*run.context.spans, "stacked_commit");
  run.step(kCommit, 0, 1);
  return run.session.commit().take();
}

std::vector<Ext> prove_constraints(const Run& run, Transcript& transcript, const VerifyingKey& vk,
                                   Proof& proof) {
  const Span stage(*run.context.spans, "prover.rap_constraints");
  FractionsOutcome fractions;
  {
    const Span span(*run.context.spans, "prover.rap_constraints.logup_gkr");
    FractionsProver party(run, proof.gkr);
    fractions = run_fractions(transcript, run.shape, party);
  }
  ConstraintsProver party(run, proof.batch_constraints);
  return run_constraints(transcript, vk, run.shape, std::move(fractions), party);
}

void prove_openings(const Run& run, Transcript& transcript, std::span<const Ext> r, Proof& proof) {
  const Span stage(*run.context.spans, "prover.openings");
  std::vector<Ext> u;
  {
    const Span span(*run.context.spans, "prover.openings.stacked_reduction");
    StackingProver party(run, proof.stacking);
    u = run_stacking(transcript, run.shape, r, party);
  }
  const Span span(*run.context.spans, "prover.openings.whir");
  WhirProver party(run, proof.whir);
  run_whir(transcript, run.shape, u, party);
}

void verify_fresh(const VerifyingKey& vk, const Proof& proof, const Context& context) {
  const Span span(*context.spans, "verify_after");
  const Verdict verdict = verify(vk, proof);
  if (verdict.accepted) return;
  Failure failure;
  failure.kind = FailureKind::kUnsatisfied;
  failure.message = "the fresh proof does not verify (" + verdict.check +
                    "): the trace violates its constraints (run check to see which constraint, row and "
                    "values), or the key or the device is damaged (run doctor)";
  failure.where = verdict.check;
  throw Error(std::move(failure));
}

Proof run_protocol(Device& device, const std::shared_ptr<const DeviceKey>& key, std::vector<AirTrace> traces,
                   std::vector<LogEntry>* log, const Context& context) {
  const VerifyingKey& vk = key->key().vk;
  const CheckedInputs checked = check_inputs(key->key(), traces);
  check_device(device, vk, checked.shape, context);

  std::vector<TraceInput> inputs = import_traces(device, checked, traces, context);
  Proof proof = make_statement(vk, checked.shape, inputs);
  {
    const Span root(*context.spans, "stark_prove_excluding_trace");
    const std::unique_ptr<Session> session =
        device.begin(key, checked.shape, std::move(inputs), context).take();
    const Run run{*session, checked.shape, context, device.info()};
    proof.common_main_commit = commit(run);

    Transcript transcript;
    transcript.record_to(log);
    run_preamble(transcript, vk, proof);
    const std::vector<Ext> r = prove_constraints(run, transcript, vk, proof);
    prove_openings(run, transcript, r, proof);
  }
  return proof;
}

}  // namespace

Proof prove(Device& device, std::shared_ptr<const DeviceKey> key, std::vector<AirTrace> traces,
            const ProveOptions& options, const Context& context) {
  if (!device.info().executes) {
    throw Error(FailureKind::kUnsupported, "[" + device.info().name +
                                               "] executes nothing and so makes no proofs; prove on another "
                                               "device, or rehearse the proof to see its plan");
  }
  Proof proof = run_protocol(device, key, std::move(traces), options.log, context);
  if (options.verify_after) verify_fresh(key->key().vk, proof, context);
  if (context.progress) context.progress("done", 0, 1.0);
  return proof;
}

void rehearse(Device& device, std::shared_ptr<const DeviceKey> key, std::vector<AirTrace> traces,
              const Context& context) {
  if (device.info().executes) {
    throw Error(FailureKind::kUnsupported,
                "[" + device.info().name + "] executes what it is given; only null rehearses proofs");
  }
  run_protocol(device, key, std::move(traces), nullptr, context);
}

}  // namespace openswirl
