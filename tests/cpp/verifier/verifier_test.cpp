// The verifier accepts every case from its bytes, observing and sampling exactly what the reference did.
#include "verifier/verifier.h"

#include "codec/proof.h"
#include "codec/verifying_key.h"
#include "googletest.h"
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

class VerifyCase : public testing::TestWithParam<std::string> {};

}  // namespace

INSTANTIATE_TEST_SUITE_P(Cases, VerifyCase, testing::ValuesIn(vectors::cases()),
                         [](const auto& info) { return info.param; });

TEST_P(VerifyCase, AcceptsWithTheReferenceTranscript) {
  const std::string& name = GetParam();
  const Loaded loaded = load(name);
  std::vector<LogEntry> log;
  VerifyOptions options;
  options.log = &log;
  const Verdict verdict = verify(loaded.vk, loaded.proof, options);
  EXPECT_TRUE(verdict.accepted) << verdict.check << " " << verdict.detail;
  const auto values = vectors::read_npy(vectors::folder() / name / "transcript_values.npy").values;
  const auto kinds = vectors::read_npy(vectors::folder() / name / "transcript_is_sample.npy").values;
  ASSERT_EQ(log.size(), values.size());
  for (size_t i = 0; i < log.size(); ++i) {
    ASSERT_EQ(log[i].value.canonical(), values[i]) << "at entry " << i;
    ASSERT_EQ(log[i].is_sample, kinds[i] == 1) << "at entry " << i;
  }
}

TEST(Verifier, CoversAllCases) { EXPECT_EQ(vectors::cases().size(), 45u); }

TEST(Verifier, PinnedParametersAndPublicValues) {
  const Loaded loaded = load("fib_h3");
  SystemParams params = loaded.vk.params;
  Ragged<Fp> public_values = loaded.proof.public_values;
  VerifyOptions options;
  options.params = &params;
  options.public_values = &public_values;
  EXPECT_TRUE(verify(loaded.vk, loaded.proof, options).accepted);
  public_values[0][1] += Fp::one();
  EXPECT_EQ(verify(loaded.vk, loaded.proof, options).check, "PublicValuesMismatch");
  params.whir.proximity.m = 7;
  EXPECT_EQ(verify(loaded.vk, loaded.proof, options).check, "SystemParamsMismatch");
}

TEST(Verifier, RejectsAWrongPublicValue) {
  EXPECT_NE(check_after("fib_h3", [](Proof& p) { p.public_values[0][2] += Fp::one(); }), "accept");
}

TEST(Verifier, ChecksPresenceRequiredAirsAndHeightsInOrder) {
  EXPECT_EQ(check_after("fib_h3", [](Proof& p) { p.trace_vdata.erase(0); }), "EmptyTraces");
  EXPECT_EQ(check_after("required_air", [](Proof& p) { p.trace_vdata.erase(2); }),
            "ProofShapeError.InvalidVData.RequiredAirNoVData");
  EXPECT_EQ(check_after("fib_h3", [](Proof& p) { p.trace_vdata[0]->log_height = 11; }),
            "ProofShapeError.InvalidVData.LogHeightOutOfBounds");
  EXPECT_EQ(check_after("tight_limits", [](Proof&) {}), "accept");
}

TEST(Verifier, HeightConstraintIsStrict) {
  Loaded loaded = load("tight_limits");
  ASSERT_EQ(loaded.vk.height_constraints.back().threshold, 13);
  loaded.vk.height_constraints.back().threshold = 12;
  EXPECT_EQ(verify(loaded.vk, loaded.proof).check, "TraceHeightsTooLarge");
}

TEST(Verifier, RejectsFlatArraysThatBelieTheirSizes) {
  const char* width = "ProofShapeError.InvalidWhirProofShape.InvalidInitialRoundOpenedRowWidth";
  EXPECT_EQ(check_after("mixture_h3", [](Proof& p) { shorten(p.whir.initial.rows, 1); }), width);
  const char* depth = "ProofShapeError.InvalidWhirProofShape.InvalidCodewordMerkleProofDepth";
  EXPECT_EQ(check_after("mixture_h3", [](Proof& p) { p.whir.codeword_paths[0].digests.pop_back(); }), depth);
  const char* polys = "ProofShapeError.InvalidGkrProofShape.InvalidSumcheckPolyEvals";
  EXPECT_EQ(check_after("mixture_h3", [](Proof& p) { p.gkr.sumcheck_polys[3].pop_back(); }), polys);
}

// Queries are hashed many at once, and told of as if one after the other: the first of them, not the first
// commitment.
TEST(Verifier, NamesTheFirstQueryThatMissesItsRoot) {
  const auto detail_after = [](const std::string& name, auto change) {
    Loaded loaded = load(name);
    change(loaded.proof.whir);
    const Verdict verdict = verify(loaded.vk, loaded.proof);
    EXPECT_EQ(verdict.check, "WhirError.MerkleVerify");
    return verdict.detail.substr(0, verdict.detail.find(" at index"));
  };
  const auto damage_row = [](WhirProof& whir, size_t commitment, size_t query) {
    const size_t of_query = whir.initial.rows_per_query * whir.initial.width(commitment);
    whir.initial.rows[commitment][(query + 1) * of_query - 1] += Fp::one();
  };
  const auto damage_path = [](WhirProof& whir, size_t commitment, size_t query) {
    whir.initial.paths[(commitment * whir.initial.num_queries + query) * whir.initial.depth][7] += Fp::one();
  };
  const size_t last = load("keccakf_16_app17").proof.whir.initial.num_queries - 1;
  ASSERT_GT(last, size_t{128});
  for (const size_t query : {size_t{0}, size_t{127}, size_t{128}, last}) {
    EXPECT_EQ(detail_after("keccakf_16_app17", [&](WhirProof& whir) { damage_row(whir, 0, query); }),
              "query " + std::to_string(query));
    EXPECT_EQ(detail_after("keccakf_16_app17",
                           [&](WhirProof& whir) { damage_path(whir, 0, query), damage_path(whir, 0, last); }),
              "query " + std::to_string(query));
  }
  ASSERT_GE(load("cached11").proof.whir.initial.rows.size(), 2u);
  EXPECT_EQ(
      detail_after("cached11", [&](WhirProof& whir) { damage_row(whir, 0, 1), damage_row(whir, 1, 0); }),
      "query 0");
  EXPECT_EQ(
      detail_after("keccakf_16_app17",
                   [&](WhirProof& whir) { whir.codeword_opened_values[0].values.back() += Ext::one(); }),
      "query " + std::to_string(load("keccakf_16_app17").proof.whir.codeword_paths[0].num_queries - 1));
}

// l_skip 0 with nothing to sum over.
TEST(Verifier, RejectsAnEmptyEqualityPoint) {
  Loaded loaded = load("interactions_l0_n8_k3");
  for (AirVk& air : loaded.vk.airs) air.constraints.interactions.clear();
  for (size_t id = 0; id < loaded.proof.trace_vdata.size(); ++id)
    loaded.proof.trace_vdata[id]->log_height = 0;
  loaded.proof.gkr.claims_per_layer.clear();
  loaded.proof.gkr.sumcheck_polys.clear();
  loaded.proof.batch_constraints.sumcheck_round_polys.clear();
  EXPECT_EQ(verify(loaded.vk, loaded.proof).check, "ProofShapeError.EmptyEqualityPoint");
}
