// The verifier accepts every case from its bytes, observing and sampling exactly what the reference did.
#include "verifier/verifier.h"

#include "codec/proof.h"
#include "codec/verifying_key.h"
#include "harness.h"
#include "vectors.h"

using namespace openswirl;

namespace {

struct Loaded {
  VerifyingKey vk;
  Proof proof;
};
Loaded load(const std::string& name) {
  const auto folder = vectors::folder() / name;
  return {decode_verifying_key(vectors::read_bytes(folder / "vk.postcard")),
          decode_proof(vectors::read_bytes(folder / "proof.bin"))};
}

// The verdict on a case after a change to its proof.
template <class Change>
std::string check_after(const std::string& name, Change change) {
  Loaded loaded = load(name);
  change(loaded.proof);
  const Verdict verdict = verify(loaded.vk, loaded.proof);
  return verdict.accepted ? "accept" : verdict.check;
}

// Without its last value.
void shorten(Ragged<Fp>& lists, size_t i) {
  const auto list = lists[i];
  const std::vector<Fp> shorter(list.begin(), list.end() - 1);
  lists.set(i, shorter);
}

}  // namespace

TEST_CASE("all cases are accepted with the reference's transcript") {
  size_t count = 0;
  for (const std::string& name : vectors::cases()) {
    const Loaded loaded = load(name);
    std::vector<LogEntry> log;
    VerifyOptions options;
    options.log = &log;
    const Verdict verdict = verify(loaded.vk, loaded.proof, options);
    CHECK_EQ(name + " " + verdict.check + " " + verdict.detail, name + "  ");
    CHECK(verdict.accepted);
    const auto values = vectors::read_npy(vectors::folder() / name / "transcript_values.npy").values;
    const auto kinds = vectors::read_npy(vectors::folder() / name / "transcript_is_sample.npy").values;
    CHECK_EQ(log.size(), values.size());
    size_t same = 0;
    while (same < log.size() && same < values.size() && log[same].value.canonical() == values[same] &&
           log[same].is_sample == (kinds[same] == 1)) {
      ++same;
    }
    CHECK_EQ(same, values.size());
    ++count;
  }
  CHECK_EQ(count, 45u);
}

TEST_CASE("pinned parameters and public values") {
  const Loaded loaded = load("fib_h3");
  SystemParams params = loaded.vk.params;
  Ragged<Fp> public_values = loaded.proof.public_values;
  VerifyOptions options;
  options.params = &params;
  options.public_values = &public_values;
  CHECK(verify(loaded.vk, loaded.proof, options).accepted);
  public_values[0][1] += Fp::one();
  CHECK_EQ(verify(loaded.vk, loaded.proof, options).check, "PublicValuesMismatch");
  params.whir.proximity.m = 7;
  CHECK_EQ(verify(loaded.vk, loaded.proof, options).check, "SystemParamsMismatch");
}

TEST_CASE("a wrong public value is rejected") {
  CHECK(check_after("fib_h3", [](Proof& p) { p.public_values[0][2] += Fp::one(); }) != "accept");
}

TEST_CASE("checks in order: presence, required AIRs, heights") {
  CHECK_EQ(check_after("fib_h3", [](Proof& p) { p.trace_vdata.erase(0); }), "EmptyTraces");
  CHECK_EQ(check_after("required_air", [](Proof& p) { p.trace_vdata.erase(2); }),
           "ProofShapeError.InvalidVData.RequiredAirNoVData");
  CHECK_EQ(check_after("fib_h3", [](Proof& p) { p.trace_vdata[0]->log_height = 11; }),
           "ProofShapeError.InvalidVData.LogHeightOutOfBounds");
  CHECK_EQ(check_after("tight_limits", [](Proof&) {}), "accept");
}

TEST_CASE("a height constraint is strict") {
  Loaded loaded = load("tight_limits");
  REQUIRE(loaded.vk.height_constraints.back().threshold == 13);
  loaded.vk.height_constraints.back().threshold = 12;
  CHECK_EQ(verify(loaded.vk, loaded.proof).check, "TraceHeightsTooLarge");
}

TEST_CASE("flat arrays that belie their sizes are rejected, not read") {
  const char* width = "ProofShapeError.InvalidWhirProofShape.InvalidInitialRoundOpenedRowWidth";
  CHECK_EQ(check_after("mixture_h3", [](Proof& p) { shorten(p.whir.initial.rows, 1); }), width);
  const char* depth = "ProofShapeError.InvalidWhirProofShape.InvalidCodewordMerkleProofDepth";
  CHECK_EQ(check_after("mixture_h3", [](Proof& p) { p.whir.codeword_paths[0].digests.pop_back(); }), depth);
  const char* polys = "ProofShapeError.InvalidGkrProofShape.InvalidSumcheckPolyEvals";
  CHECK_EQ(check_after("mixture_h3", [](Proof& p) { p.gkr.sumcheck_polys[3].pop_back(); }), polys);
}

TEST_CASE("l_skip 0 with nothing to sum over is rejected") {
  Loaded loaded = load("interactions_l0_n8_k3");
  for (AirVk& air : loaded.vk.airs) air.constraints.interactions.clear();
  for (size_t id = 0; id < loaded.proof.trace_vdata.size(); ++id)
    loaded.proof.trace_vdata[id]->log_height = 0;
  loaded.proof.gkr.claims_per_layer.clear();
  loaded.proof.gkr.sumcheck_polys.clear();
  loaded.proof.batch_constraints.sumcheck_round_polys.clear();
  CHECK_EQ(verify(loaded.vk, loaded.proof).check, "ProofShapeError.EmptyEqualityPoint");
}
