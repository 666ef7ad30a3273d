#include "stages/fraction_tree.h"

#include "harness.h"
#include "vector_case.h"

using namespace openswirl;
using stages_test::VectorCase;

TEST_CASE("LogUp-GKR of every vector with interactions") {
  size_t layers = 0;
  for (const std::string& name : vectors::cases()) {
    const VectorCase test(name);
    if (test.inputs.shape.num_gkr_layers == 0) continue;
    const stages_test::Challenges& given = *test.challenges;
    stages::FractionTreeStage tree(test.inputs, given.alpha, given.beta);
    CHECK(tree.root().p.is_zero());
    CHECK(tree.root().q == test.proof.gkr.q0_claim);
    CHECK(tree.first_layer() == test.proof.gkr.claims_per_layer[0]);
    for (size_t i = 0; i < given.layers.size(); ++i) {
      const auto& layer = given.layers[i];
      tree.enter(layer.lambda, layer.mu);
      for (size_t k = 0; k < layer.rho.size(); ++k) {
        REQUIRE(tree.next(k == 0 ? nullptr : &layer.rho[k - 1]) == test.proof.gkr.sumcheck_polys[i][k]);
      }
      REQUIRE(tree.leave(layer.rho.back()) == test.proof.gkr.claims_per_layer[i + 1]);
      ++layers;
    }
  }
  CHECK(layers > 100);
}
