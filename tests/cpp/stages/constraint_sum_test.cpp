#include "stages/constraint_sum.h"

#include "airs.h"
#include "constraints/batching.h"
#include "constraints/evaluator.h"
#include "edge_case.h"
#include "googletest.h"
#include "poly/eq.h"
#include "poly/univariate.h"

using namespace openswirl;
using stages_test::base, stages_test::bases, stages_test::EdgeCase, stages_test::Matrix;
using stages_test::VectorCase;

TEST(ConstraintSum, MessagesOfTheVectors) {
  size_t cases = 0;
  for (const std::string& name : vectors::cases()) {
    SCOPED_TRACE(name);
    const VectorCase test(name);
    const stages_test::Challenges& given = *test.challenges;
    const BatchConstraintProof& expected = test.proof.batch_constraints;
    stages::ConstraintSumStage sum(test.inputs, given.alpha, given.beta, given.xi, given.lambda);
    const auto claims = sum.sum_claims();
    ASSERT_EQ(claims.size(), expected.numerator_terms.size());
    for (size_t t = 0; t < claims.size(); ++t) {
      ASSERT_EQ(claims[t].numerator, expected.numerator_terms[t]);
      ASSERT_EQ(claims[t].denominator, expected.denominator_terms[t]);
    }
    ASSERT_EQ(sum.first_round(given.mu), expected.univariate_round_coeffs);
    sum.fold(given.r[0]);
    for (size_t j = 0; j < expected.sumcheck_round_polys.size(); ++j) {
      ASSERT_EQ(sum.next(j == 0 ? nullptr : &given.r[j]), expected.sumcheck_round_polys[j]);
    }
    ASSERT_EQ(sum.finish(given.r.size() == 1 ? nullptr : &given.r.back()), expected.column_openings);
    ++cases;
  }
  EXPECT_GT(cases, 40);
}

// Part 04, 10.5.
TEST(ConstraintSum, WorkedExample) {
  const stages_test::MiniProof test;
  stages::ConstraintSumStage sum(test.inputs, base(101), base(102), bases({115, 112, 113, 114}), base(116));
  const auto claims = sum.sum_claims();
  EXPECT_TRUE(claims[0].numerator.is_zero());
  EXPECT_TRUE(claims[0].denominator.is_zero());
  EXPECT_EQ(claims[1].numerator, base(1006645673));
  EXPECT_EQ(claims[1].denominator, base(2007419753));
  EXPECT_EQ(sum.first_round(base(117)), bases({1228196764, 1045201515, 1742517823, 1421994254, 542437678,
                                               1083846271, 1560339811, 658485540, 638077469, 534323720}));
  sum.fold(base(118));
  EXPECT_EQ(sum.next(nullptr), bases({1141399203, 1538190870, 1731214025}));
  const Ext last = base(119);
  EXPECT_EQ(sum.finish(&last),
            (std::vector<PartOpenings>{{bases({1839206231})}, {bases({13931, 2013252004})}}));
}

namespace {

// The leaves of a DAG at a point of EF: openings and selectors.
struct PointLeaves {
  const AirVk& air;
  const PartOpenings& openings;
  const std::vector<Fp>& public_values;
  Selectors selectors;

  Ext variable(const Variable& variable) const {
    if (variable.entry == Variable::Entry::kPublic) return public_values[variable.index];
    const size_t part =
        variable.entry == Variable::Entry::kPreprocessed ? 1 : air.opening_part_of_main(variable.part_index);
    return openings[part][air.need_rot ? 2 * variable.index + variable.offset : variable.index];
  }
  Ext is_first_row() const { return selectors.first; }
  Ext is_last_row() const { return selectors.last; }
  Ext is_transition() const { return selectors.transition; }
  Ext constant(Fp value) const { return value; }
};

// The value of a column, or of the rows after, at the trace's prefix of r: the sum of part 03, 3.5.
Ext open_column(const Matrix& part, size_t column, size_t offset, uint32_t l_skip, std::span<const Ext> r) {
  const size_t size = size_t{1} << l_skip, lifted = std::max<size_t>(part.rows, size);
  const auto n = static_cast<size_t>(std::bit_width(lifted) - 1 - l_skip);
  Ext sum = Ext::zero();
  for (size_t i = 0; i < lifted; ++i) {
    const Ext point = two_adic_generator(l_skip).pow(i % size);
    sum += eq_domain(l_skip, r[0], point) * eq_at_index(r.subspan(1, n), i / size) *
           part.values[column * part.rows + (i + offset) % part.rows];
  }
  return sum;
}

}  // namespace

// Everything but the rounds in between follows from the definition; those must lead to the verifier's last
// claim.
TEST(ConstraintSum, EdgesByTheDefinition) {
  for (uint32_t l_skip = 0; l_skip <= 3; ++l_skip) {
    const EdgeCase test(l_skip);
    const ProofShape& shape = test.inputs.shape;
    Ext state(Fp::from_u32(3), Fp::from_u32(1), Fp::from_u32(4), Fp::from_u32(159));
    const auto sample = [&] {
      return state = state * state + Ext(Fp::one(), Fp::two(), Fp::zero(), Fp::one());
    };
    const Ext alpha = sample(), beta = sample(), lambda = sample(), mu = sample();
    std::vector<Ext> xi(l_skip + shape.n_global()), r(1 + shape.n_max);
    for (Ext& x : xi) x = sample();
    for (Ext& x : r) x = sample();

    stages::ConstraintSumStage sum(test.inputs, alpha, beta, xi, lambda);
    const auto claims = sum.sum_claims();
    const std::vector<Ext> univariate = sum.first_round(mu);
    const size_t count = shape.traces.size();
    ASSERT_EQ(univariate.size(), 4 * ((size_t{1} << l_skip) - 1) + 1);

    Ext claim = Ext::zero();
    for (size_t t = 0; t < count; ++t) {
      claim += mu.pow(2 * t) * claims[t].numerator + mu.pow(2 * t + 1) * claims[t].denominator;
    }
    EXPECT_EQ(sum_over_domain(univariate, l_skip), claim);
    claim = horner(std::span<const Ext>(univariate), r[0]);
    sum.fold(r[0]);
    for (uint32_t j = 1; j <= shape.n_max; ++j) {
      std::vector<Ext> message = sum.next(j == 1 ? nullptr : &r[j - 1]);
      ASSERT_EQ(message.size(), 4u);
      message.insert(message.begin(), claim - message[0]);
      claim = interpolate_at(message, r[j]);
    }
    const std::vector<PartOpenings> openings = sum.finish(r.size() == 1 ? nullptr : &r.back());

    const auto weights = interaction_weights(test.vk, shape, xi);
    Ext expected = Ext::zero();
    for (size_t t = 0; t < count; ++t) {
      const AirVk& air = *test.inputs.traces[t].air;
      ASSERT_EQ(openings[t].size(), test.parts[t].size());
      for (size_t part = 0; part < openings[t].size(); ++part) {
        const Matrix& values = test.parts[t][part];
        const size_t step = air.need_rot ? 2 : 1;
        ASSERT_EQ(openings[t][part].size(), values.columns * step);
        for (size_t i = 0; i < openings[t][part].size(); ++i) {
          EXPECT_EQ(openings[t][part][i], open_column(values, i / step, i % step, l_skip, r));
        }
      }
      const TraceShape& trace = shape.traces[t];
      const PointLeaves leaves{air, openings[t], test.inputs.traces[t].public_values,
                               selectors_at(trace_point(l_skip, trace.n, r))};
      std::vector<Ext> nodes(air.constraints.nodes.size());
      evaluate_dag<Ext>(air.constraints, leaves, std::span(nodes));
      const auto lambda_powers = powers(lambda, air.constraints.constraint_idx.size());
      const auto beta_powers = powers(beta, max_message_length(air.constraints) + 1);
      const auto sums = combine_interactions<Ext, Ext, Ext>(air.constraints, nodes, beta_powers, weights[t]);
      Ext factor = Ext::one();
      for (uint32_t j = 1; j <= shape.n_max; ++j) {
        factor *= j <= trace.lifted_n ? eq1(xi[l_skip + j - 1], r[j]) : r[j];
      }
      std::vector<Ext> eq_sharp = eq_table(std::span<const Ext>(xi).first(l_skip));
      inverse_dft(std::span(eq_sharp), l_skip);
      const Ext logup = factor * horner(std::span<const Ext>(eq_sharp), r[0]);
      const Ext zerocheck = factor * eq_domain(l_skip, xi[0], r[0]);
      const Fp normalisation = Fp::one().div_2exp(trace.n < 0 ? static_cast<unsigned>(-trace.n) : 0);
      expected +=
          logup * (mu.pow(2 * t) * normalisation * sums.numerator + mu.pow(2 * t + 1) * sums.denominator);
      expected += zerocheck * mu.pow(2 * count + t) *
                  combine_constraints<Ext, Ext, Ext>(air.constraints, nodes, lambda_powers);
    }
    EXPECT_EQ(claim, expected);
  }
}
