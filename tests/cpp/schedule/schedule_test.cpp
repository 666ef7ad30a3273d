// How much is observed and sampled: the counts of protocol parts 04 (10.6), 05 (5) and 06 (6), and grinding.
#include "schedule/protocol.h"

#include "googletest.h"

using namespace openswirl;

namespace {

uint32_t smallest_witness(const GrindPoint& point, uint32_t bits) {
  for (uint32_t w = 0;; ++w) {
    SpongeState state = point.state;
    state[point.position] = Fp::from_u32(w);
    poseidon2_permute(state);
    if ((state[7].canonical() & ((1u << bits) - 1)) == 0) return w;
  }
}

// Sends zeros of the right lengths, grinds honestly and notes the names of the calls.
class ZeroParty : public FractionsParty, public ConstraintsParty, public StackingParty, public WhirParty {
 public:
  ZeroParty(const VerifyingKey& vk, const ProofShape& shape) : shape_(shape) {
    for (const TraceShape& trace : shape.traces) {
      const AirVk& air = vk.airs[trace.air_id];
      PartOpenings& parts = openings_.emplace_back();
      for (size_t part = 0; part < air.num_parts(); ++part) {
        parts.emplace_back(std::vector<Ext>(air.part_width(part) * (air.need_rot ? 2 : 1), Ext::one()));
      }
    }
    for (const CommitmentShape& commitment : shape.commitments) {
      stacking_.push_back(std::vector<Ext>(commitment.layout.width, Ext::zero()));
    }
  }

  std::string calls;
  uint32_t rejected = 0;

  Fp logup_pow_witness(const GrindPoint& point, uint32_t bits) override {
    return Fp::from_u32(bits == 0 ? 0 : smallest_witness(point, bits));
  }
  void logup_pow_rejected() override { ++rejected; }
  void no_interactions(const Ext&) override { calls += "none "; }
  Ext root(const Ext&, const Ext&) override { return Ext::zero(); }
  LayerClaims first_layer() override { return zero_claims(); }
  void enter_layer(uint32_t round, const Ext&, const Ext&) override {
    calls += "enter";
    calls += std::to_string(round);
    calls += ' ';
  }
  std::array<Ext, 3> layer_round(uint32_t, uint32_t k, const Ext* challenge) override {
    EXPECT_EQ(challenge == nullptr, k == 0);
    return {Ext::zero(), Ext::zero(), Ext::zero()};
  }
  LayerClaims layer_claims(uint32_t, const Ext&) override { return zero_claims(); }
  void fractions_closed(std::span<const Ext> xi) override { EXPECT_EQ(xi.size(), shape_.num_gkr_layers); }

  void constraints_begin(const ConstraintsBegin& begin) override {
    EXPECT_EQ(begin.xi.size(), shape_.params.l_skip + shape_.n_global());
  }
  std::vector<SumClaimMessage> sum_claims() override {
    return std::vector<SumClaimMessage>(shape_.traces.size(), {Ext::zero(), Ext::zero()});
  }
  std::vector<Ext> univariate_round(const Ext&) override {
    const uint64_t degree =
        (shape_.params.max_constraint_degree + 1) * ((uint64_t{1} << shape_.params.l_skip) - 1);
    return std::vector<Ext>(degree + 1, Ext::zero());
  }
  std::vector<Ext> constraint_round(uint32_t, const Ext&) override {
    return std::vector<Ext>(shape_.params.max_constraint_degree + 1, Ext::zero());
  }
  const std::vector<PartOpenings>& column_openings(const Ext&) override { return openings_; }

  std::vector<Ext> stacking_univariate_round(std::span<const Ext>, const Ext&) override {
    return std::vector<Ext>((size_t{2} << shape_.params.l_skip) - 1, Ext::zero());
  }
  std::array<Ext, 2> stacking_round(uint32_t, const Ext&) override { return {Ext::zero(), Ext::zero()}; }
  const Ragged<Ext>& stacking_openings(const Ext&) override { return stacking_; }

  Fp whir_pow_witness(WhirPow kind, uint32_t index, const GrindPoint& point, uint32_t bits) override {
    calls += kind == WhirPow::kMu ? 'm' : kind == WhirPow::kFolding ? 'f' : 'q';
    calls += std::to_string(index);
    calls += ' ';
    return Fp::from_u32(bits == 0 ? 0 : smallest_witness(point, bits));
  }
  void whir_pow_rejected(WhirPow) override { ++rejected; }
  void whir_begin(std::span<const Ext>, const Ext&) override {}
  std::array<Ext, 2> whir_round(uint32_t, uint32_t, const Ext*) override {
    return {Ext::zero(), Ext::zero()};
  }
  Digest codeword_commit(uint32_t, const Ext&) override { return Digest{}; }
  Ext ood_value(uint32_t, const Ext&) override { return Ext::zero(); }
  std::vector<Ext> final_poly(const Ext&) override {
    return std::vector<Ext>(size_t{1} << shape_.params.log_final_poly_len(), Ext::zero());
  }
  void queries(uint32_t i, std::span<const uint32_t> indices) override {
    EXPECT_EQ(indices.size(), shape_.params.whir.num_queries[i]);
    const uint64_t bits =
        shape_.params.log_stacked_height() + shape_.params.log_blowup - i - shape_.params.whir.k;
    for (const uint32_t index : indices) EXPECT_LT(index, uint64_t{1} << bits);
  }
  void whir_round_closed(uint32_t, const Ext&) override {}

 private:
  static LayerClaims zero_claims() { return {Ext::zero(), Ext::zero(), Ext::zero(), Ext::zero()}; }

  const ProofShape& shape_;
  std::vector<PartOpenings> openings_;
  Ragged<Ext> stacking_;
};

struct AirSpec {
  std::optional<uint32_t> log_height;
  size_t interactions;
  TraceWidth width;
  bool need_rot = false;
};

VerifyingKey make_key(std::initializer_list<AirSpec> specs, uint64_t degree) {
  VerifyingKey vk;
  vk.params = SystemParams::test_small(2, 8, 3);
  vk.params.max_constraint_degree = degree;
  vk.params.logup.pow_bits = 3;
  for (const AirSpec& spec : specs) {
    AirVk& air = vk.airs.emplace_back();
    air.constraints.interactions.resize(spec.interactions);
    air.width = spec.width;
    air.need_rot = spec.need_rot;
  }
  return vk;
}

struct Counts {
  size_t observed = 0, sampled = 0;
};
Counts count(const std::vector<LogEntry>& log) {
  Counts counts;
  for (const LogEntry& entry : log) ++(entry.is_sample ? counts.sampled : counts.observed);
  return counts;
}

// Runs the stages of part 04 and compares the counts.
void check_constraint_counts(std::initializer_list<AirSpec> specs, uint64_t degree, size_t observed,
                             size_t sampled, const std::string& calls) {
  const VerifyingKey vk = make_key(specs, degree);
  std::vector<std::optional<uint32_t>> heights;
  for (const AirSpec& spec : specs) heights.push_back(spec.log_height);
  const ProofShape shape = make_proof_shape(vk, heights);
  ZeroParty party(vk, shape);
  Transcript transcript;
  std::vector<LogEntry> log;
  transcript.record_to(&log);
  FractionsOutcome outcome = run_fractions(transcript, shape, party);
  const std::vector<Ext> r = run_constraints(transcript, vk, shape, std::move(outcome), party);
  EXPECT_EQ(r.size(), 1u + shape.n_max);
  EXPECT_EQ(count(log).observed, observed);
  EXPECT_EQ(count(log).sampled, sampled);
  EXPECT_EQ(party.calls, calls);
  EXPECT_EQ(party.rejected, 0u);
}

}  // namespace

// Part 04: with interactions, preprocessed and cached parts, one without common main.
TEST(Schedule, ConstraintCountsOfFiveTraces) {
  check_constraint_counts({{4, 2, {std::nullopt, {}, 4}},
                           {1, 1, {std::nullopt, {}, 2}},
                           {3, 1, {1, {}, 1}},
                           {0, 0, {std::nullopt, {1}, 1}},
                           {std::nullopt, 3, {std::nullopt, {}, 9}},
                           {1, 2, {std::nullopt, {2}, 0}}},
                          3, 501, 133, "enter1 enter2 enter3 enter4 enter5 ");
}

// Part 04: with two interactions.
TEST(Schedule, ConstraintCountsOfOneShortTrace) {
  check_constraint_counts({{1, 2, {std::nullopt, {}, 1}, true}}, 1, 185, 73, "enter1 enter2 enter3 ");
}

// Part 04.
TEST(Schedule, ConstraintCountsWithoutInteractions) {
  check_constraint_counts({{3, 0, {std::nullopt, {1}, 1}}, {0, 0, {std::nullopt, {1}, 0}}}, 3, 109, 37,
                          "none ");
}

TEST(Schedule, ObservesAZeroBesideOpeningsWithoutRotation) {
  const VerifyingKey vk = make_key({{2, 0, {std::nullopt, {}, 2}}}, 3);
  const std::optional<uint32_t> heights[] = {2};
  const ProofShape shape = make_proof_shape(vk, heights);
  ZeroParty party(vk, shape);
  Transcript transcript;
  FractionsOutcome outcome = run_fractions(transcript, shape, party);
  std::vector<LogEntry> log;
  transcript.record_to(&log);
  run_constraints(transcript, vk, shape, std::move(outcome), party);
  ASSERT_GT(log.size(), 16u);
  // The two openings are 1; the elements of the stage before them are zeros.
  const size_t first = log.size() - 16;
  for (size_t i = 0; i < 16; ++i) EXPECT_EQ(log[first + i].value.canonical(), i % 8 == 0 ? 1u : 0u);
}

// Parts 05 and 06.
TEST(Schedule, StackingAndWhirCountsAndProofsOfWork) {
  const VerifyingKey vk = make_key({{2, 0, {std::nullopt, {1}, 3}}}, 3);
  const std::optional<uint32_t> heights[] = {2};
  const ProofShape shape = make_proof_shape(vk, heights);
  ZeroParty party(vk, shape);
  Transcript transcript;
  std::vector<LogEntry> log;
  transcript.record_to(&log);
  const std::vector<Ext> r(1, Ext::one());
  const std::vector<Ext> u = run_stacking(transcript, shape, r, party);
  EXPECT_EQ(u.size(), 9u);
  EXPECT_EQ(count(log).observed, 4u * (7 + 8 * 2 + 2));
  EXPECT_EQ(count(log).sampled, 4u * (1 + 1 + 8));

  log.clear();
  run_whir(transcript, shape, u, party);
  const size_t rounds = 3, k = 3, final_len = 2, queries = 10 + 4 + 2;
  EXPECT_EQ(count(log).observed, 1 + 9 * rounds * k + 12 * (rounds - 1) + 4 * final_len + rounds);
  EXPECT_EQ(count(log).sampled, 5 + 5 * rounds * k + 4 * (rounds - 1) + 5 * rounds + queries);
  EXPECT_EQ(party.calls, "m0 f0 f1 f2 q0 f3 f4 f5 q1 f6 f7 f8 q2 ");
  EXPECT_EQ(party.rejected, 0u);
}

// Part 07.
TEST(Schedule, PreambleInAirIdOrder) {
  VerifyingKey vk = make_key(
      {{3, 0, {std::nullopt, {}, 1}}, {std::nullopt, 0, {std::nullopt, {}, 1}}, {2, 0, {1, {1}, 1}}}, 3);
  vk.airs[0].is_required = true;
  vk.airs[2].preprocessed.emplace();
  vk.airs[2].preprocessed->commit.fill(Fp::from_u32(7));
  vk.pre_hash.fill(Fp::from_u32(1));
  Proof statement;
  statement.common_main_commit.fill(Fp::from_u32(2));
  statement.trace_vdata.resize(3);
  statement.trace_vdata.set(0, TraceVData{3, {}});
  statement.trace_vdata.set(2, TraceVData{2, {Digest{}}});
  statement.trace_vdata[2]->cached_commitments[0].fill(Fp::from_u32(8));
  statement.public_values = {{Fp::from_u32(50), Fp::from_u32(51)}, {}, {}};
  Transcript transcript;
  std::vector<LogEntry> log;
  transcript.record_to(&log);
  run_preamble(transcript, vk, statement);
  std::vector<uint32_t> values;
  for (const LogEntry& entry : log) values.push_back(entry.value.canonical());
  std::vector<uint32_t> expected(8, 1);
  expected.insert(expected.end(), 8, 2);
  for (const uint32_t value : {3, 50, 51, 0, 1}) expected.push_back(value);  // no flag for the required AIR 0
  expected.insert(expected.end(), 8, 7);                                     // in place of the height
  expected.insert(expected.end(), 8, 8);
  EXPECT_EQ(values, expected);
}
