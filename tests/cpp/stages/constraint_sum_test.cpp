#include "stages/constraint_sum.h"

#include "harness.h"
#include "vector_case.h"

using namespace openswirl;
using stages_test::VectorCase;

TEST_CASE("constraint sumcheck and column openings of every vector") {
  size_t cases = 0;
  for (const std::string& name : vectors::cases()) {
    const VectorCase test(name);
    const stages_test::Challenges& given = *test.challenges;
    const BatchConstraintProof& expected = test.proof.batch_constraints;
    stages::ConstraintSumStage sum(test.inputs, given.alpha, given.beta, given.xi, given.lambda);
    const auto claims = sum.sum_claims();
    REQUIRE(claims.size() == expected.numerator_terms.size());
    for (size_t t = 0; t < claims.size(); ++t) {
      REQUIRE(claims[t].numerator == expected.numerator_terms[t]);
      REQUIRE(claims[t].denominator == expected.denominator_terms[t]);
    }
    REQUIRE(sum.first_round(given.mu) == expected.univariate_round_coeffs);
    for (size_t j = 0; j < expected.sumcheck_round_polys.size(); ++j) {
      REQUIRE(sum.next(given.r[j]) == expected.sumcheck_round_polys[j]);
    }
    REQUIRE(sum.finish(given.r.back()) == expected.column_openings);
    ++cases;
  }
  CHECK(cases > 40);
}
