// The parties alone, with scripted challenges: the worked examples of protocol parts 04 (10.5) and 05 (8).
#include "googletest.h"
#include "verifier/constraints.h"
#include "verifier/fractions.h"
#include "verifier/rejected.h"
#include "verifier/stacking.h"

using namespace openswirl;
using verifier::Rejected;

namespace {

Ext e(int64_t value) { return Ext(Fp::from_i64(value)); }
std::vector<Ext> es(std::initializer_list<int64_t> values) {
  std::vector<Ext> result;
  for (const int64_t value : values) result.push_back(e(value));
  return result;
}

template <class Body>
std::string check_of(Body body) {
  try {
    body();
    return "accept";
  } catch (const Rejected& rejected) {
    return rejected.check;
  }
}

// Part 04, 10.5: AIR 0 sends x and receives the next x on bus 1; AIR 1 has the constraint x (x - 1).
VerifyingKey mini_key() {
  using Kind = Node::Kind;
  VerifyingKey vk;
  vk.params.l_skip = 2, vk.params.n_stack = 4, vk.params.max_constraint_degree = 2;
  const auto column = [](uint32_t offset) {
    Node node;
    node.kind = Kind::kVariable;
    node = Node::of(Variable{Variable::Entry::kMain, 0, offset, 0});
    return node;
  };
  const auto constant = [](Fp value) { return Node::of(value); };
  vk.airs.resize(2);
  vk.airs[0].width.common_main = 1;
  vk.airs[0].need_rot = true;
  vk.airs[0].constraints.nodes = {column(0), constant(Fp::one()), column(1), constant(Fp::minus_one())};
  vk.airs[0].constraints.interactions = {{{0}, 1, 1, 1}, {{2}, 3, 1, 1}};
  vk.airs[1].width.common_main = 1;
  Node difference;
  difference.kind = Kind::kSub, difference.left = 0, difference.right = 1, difference.degree = 1;
  Node square;
  square.kind = Kind::kMul, square.left = 0, square.right = 2, square.degree = 2;
  vk.airs[1].constraints.nodes = {column(0), constant(Fp::one()), difference, square};
  vk.airs[1].constraints.constraint_idx = {3};
  return vk;
}

LayerClaims layer(int64_t p0, int64_t q0, int64_t p1, int64_t q1) { return {e(p0), e(q0), e(p1), e(q1)}; }

Proof mini_proof() {
  Proof proof;
  proof.public_values.resize(2);
  proof.gkr.q0_claim = e(1723657137);
  proof.gkr.claims_per_layer = {
      layer(0, 1450916464, 0, 880728754), layer(1735892356, 1891710294, 277373565, 1891710294),
      layer(7244640, 2003864786, 7244640, 2003864786), layer(1006645673, 1683, 1006645673, 2013216754)};
  proof.gkr.sumcheck_polys = {
      {{e(202307042), e(1847302919), e(839733847)}},
      {{e(1619109447), e(167718659), e(1294035816)}, {e(117140357), e(1334536322), e(1689999266)}},
      {{e(765209547), e(1318644065), e(1872078583)},
       {e(1193924282), e(180343231), e(140076671)},
       {e(1878318670), e(784392147), e(284033804)}}};
  BatchConstraintProof& batch = proof.batch_constraints;
  batch.numerator_terms = es({0, 1006645673});
  batch.denominator_terms = es({0, 2007419753});
  batch.univariate_round_coeffs = es({1228196764, 1045201515, 1742517823, 1421994254, 542437678, 1083846271,
                                      1560339811, 658485540, 638077469, 534323720});
  batch.sumcheck_round_polys = {es({1141399203, 1538190870, 1731214025})};
  batch.column_openings = {{es({1839206231})}, {es({13931, 2013252004})}};
  return proof;
}

void run_mini(const Proof& proof) {
  const VerifyingKey vk = mini_key();
  const std::optional<uint32_t> heights[] = {1, 3};
  const ProofShape shape = make_proof_shape(vk, heights);
  ASSERT_EQ(shape.num_gkr_layers, 4);
  ASSERT_EQ(shape.n_logup, 2);
  ASSERT_EQ(shape.n_max, 1);

  verifier::FractionsVerifier fractions(proof.gkr);
  fractions.root(e(101), e(102));
  fractions.first_layer();
  const std::vector<Ext> lambdas = es({104, 107, 111}), mus = es({103, 106, 110});
  const std::vector<std::vector<Ext>> rho = {es({105}), es({108, 109}), es({112, 113, 114})};
  for (uint32_t round = 1; round <= 3; ++round) {
    fractions.enter_layer(round, lambdas[round - 1], mus[round - 1]);
    for (uint32_t k = 0; k < round; ++k)
      fractions.layer_round(round, k, k == 0 ? nullptr : &rho[round - 1][k - 1]);
    fractions.layer_claims(round, rho[round - 1][round - 1]);
  }
  const std::vector<Ext> xi = es({115, 112, 113, 114});
  fractions.fractions_closed(xi);

  verifier::ConstraintsVerifier constraints(vk, shape, proof, fractions);
  constraints.constraints_begin({e(101), e(102), xi, e(116)});
  constraints.sum_claims();
  constraints.univariate_round(e(117));
  constraints.constraint_round(1, e(118));
  constraints.column_openings(e(119));
}

// Part 05, 8.1.
struct StackingCase {
  ProofShape shape;
  Proof proof;
};
StackingCase stacking_case() {
  StackingCase c;
  c.shape.params.l_skip = 1, c.shape.params.n_stack = 2;
  const MatrixShape matrices[] = {{1, 2}, {1, 0}};
  c.shape.commitments.resize(1);
  c.shape.commitments[0].layout = make_stacked_layout(1, 3, matrices);
  c.shape.commitments[0].need_rot = {true, false};
  c.proof.batch_constraints.column_openings = {{es({20, 153})}, {es({5})}};
  c.proof.stacking.univariate_round_coeffs = es({1509949688, 46, 503316495});
  c.proof.stacking.sumcheck_round_polys = {{e(-1032), e(1084)}, {e(564480), e(16996008)}};
  c.proof.stacking.stacking_openings = {es({-11162})};
  return c;
}

// Part 05, 8.2: two commitments, short traces with rotation.
StackingCase short_trace_case() {
  StackingCase c;
  c.shape.params.l_skip = 2, c.shape.params.n_stack = 1;
  const MatrixShape common[] = {{1, 3}, {1, 1}}, cached[] = {{1, 1}};
  c.shape.commitments.resize(2);
  c.shape.commitments[0].layout = make_stacked_layout(2, 3, common);
  c.shape.commitments[0].need_rot = {true, true};
  c.shape.commitments[1] = {1, 1, make_stacked_layout(2, 3, cached), {true}};
  c.proof.batch_constraints.column_openings = {{es({1551600208, 1732226695})},
                                               {es({-15, 34}), es({-13, 36})}};
  c.proof.stacking.univariate_round_coeffs =
      es({449605004, 1157338851, 1424205036, 1079351109, 1740783669, 26437120, 997015481});
  c.proof.stacking.sumcheck_round_polys = {{e(1342547581), e(718596860)}};
  c.proof.stacking.stacking_openings = {es({1025704583, 2013261841}), es({2013259121})};
  return c;
}

void run_stacking_case(const StackingCase& c, std::initializer_list<int64_t> u_values) {
  verifier::StackingVerifier party(c.shape, c.proof);
  const std::vector<Ext> r = es({7, 11}), u = es(u_values);
  party.stacking_univariate_round(r, e(3));
  for (uint32_t j = 1; j <= c.shape.params.n_stack; ++j) party.stacking_round(j, u[j - 1]);
  party.stacking_openings(u.back());
}

}  // namespace

// With scripted challenges.
TEST(WorkedExamples, AcceptsTheMiniProof) {
  EXPECT_EQ(check_of([] { run_mini(mini_proof()); }), "accept");
}

TEST(WorkedExamples, EachPartOfTheMiniProofIsBoundByItsOwnCheck) {
  const auto changed = [](auto change) {
    Proof proof = mini_proof();
    change(proof);
    return check_of([&] { run_mini(proof); });
  };
  const std::string gkr = "BatchConstraintError.GkrVerificationFailed.";
  EXPECT_EQ(changed([](Proof& p) { p.gkr.q0_claim += e(1); }), gkr + "RootConsistencyCheckFailed");
  EXPECT_EQ(changed([](Proof& p) { p.gkr.claims_per_layer[0].p0 += e(1); }), gkr + "ZeroCheckFailed");
  EXPECT_EQ(changed([](Proof& p) { p.gkr.sumcheck_polys[1][1][2] += e(1); }),
            gkr + "LayerConsistencyCheckFailed");
  EXPECT_EQ(changed([](Proof& p) { p.gkr.claims_per_layer[3].q1 += e(1); }),
            gkr + "LayerConsistencyCheckFailed");
  EXPECT_EQ(changed([](Proof& p) { p.batch_constraints.numerator_terms[0] += e(1); }),
            "BatchConstraintError.GkrNumeratorMismatch");
  EXPECT_EQ(changed([](Proof& p) { p.batch_constraints.denominator_terms[0] += e(1); }),
            "BatchConstraintError.GkrDenominatorMismatch");
  EXPECT_EQ(changed([](Proof& p) { p.batch_constraints.univariate_round_coeffs[4] += e(1); }),
            "BatchConstraintError.SumClaimMismatch");
  EXPECT_EQ(changed([](Proof& p) { p.batch_constraints.univariate_round_coeffs[5] += e(1); }),
            "BatchConstraintError.InconsistentClaims");
  EXPECT_EQ(changed([](Proof& p) { p.batch_constraints.sumcheck_round_polys[0][2] += e(1); }),
            "BatchConstraintError.InconsistentClaims");
  EXPECT_EQ(changed([](Proof& p) { p.batch_constraints.column_openings[1][0][1] += e(1); }),
            "BatchConstraintError.InconsistentClaims");
}

TEST(WorkedExamples, AcceptsTheWorkedStackedReductionsUnchanged) {
  EXPECT_EQ(check_of([] { run_stacking_case(stacking_case(), {13, 17, 19}); }), "accept");
  EXPECT_EQ(check_of([] { run_stacking_case(short_trace_case(), {13, 17}); }), "accept");
  const auto changed = [](auto change) {
    StackingCase c = short_trace_case();
    change(c.proof);
    return check_of([&] { run_stacking_case(c, {13, 17}); });
  };
  EXPECT_EQ(changed([](Proof& p) { p.batch_constraints.column_openings[1][1][1] += e(1); }),
            "StackedReductionError.S0Mismatch");
  EXPECT_EQ(changed([](Proof& p) { p.stacking.univariate_round_coeffs[4] += e(1); }),
            "StackedReductionError.S0Mismatch");
  EXPECT_EQ(changed([](Proof& p) { p.stacking.univariate_round_coeffs[3] += e(1); }),
            "StackedReductionError.FinalSumMismatch");
  EXPECT_EQ(changed([](Proof& p) { p.stacking.stacking_openings[1][0] += e(1); }),
            "StackedReductionError.FinalSumMismatch");
}
