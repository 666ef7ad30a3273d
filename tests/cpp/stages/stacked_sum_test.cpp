#include "stages/stacked_sum.h"

#include "harness.h"
#include "vector_case.h"

using namespace openswirl;
using stages_test::VectorCase;

TEST_CASE("stacked reduction of every vector") {
  size_t cases = 0;
  for (const std::string& name : vectors::cases()) {
    const VectorCase test(name);
    const stages_test::Challenges& given = *test.challenges;
    const StackingProof& expected = test.proof.stacking;
    stages::StackedSumStage sum(test.inputs, given.r, given.stacking_lambda);
    REQUIRE(sum.first_round() == expected.univariate_round_coeffs);
    for (size_t j = 0; j < expected.sumcheck_round_polys.size(); ++j) {
      REQUIRE(sum.next(given.u[j]) == expected.sumcheck_round_polys[j]);
    }
    REQUIRE(sum.finish(given.u.back()) == expected.stacking_openings);
    ++cases;
  }
  CHECK(cases > 40);
}
