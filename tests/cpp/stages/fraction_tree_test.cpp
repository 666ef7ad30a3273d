#include "stages/fraction_tree.h"

#include "airs.h"
#include "googletest.h"

using namespace openswirl;
using stages_test::base, stages_test::VectorCase;

TEST(FractionTree, MessagesOfTheVectors) {
  size_t layers = 0;
  for (const std::string& name : vectors::cases()) {
    SCOPED_TRACE(name);
    const VectorCase test(name);
    if (test.inputs.shape.num_gkr_layers == 0) continue;
    const stages_test::Challenges& given = *test.challenges;
    stages::FractionTreeStage tree(test.inputs, given.alpha, given.beta);
    EXPECT_TRUE(tree.root().p.is_zero());
    EXPECT_EQ(tree.root().q, test.proof.gkr.q0_claim);
    EXPECT_EQ(tree.first_layer(), test.proof.gkr.claims_per_layer[0]);
    for (size_t i = 0; i < given.layers.size(); ++i) {
      const auto& layer = given.layers[i];
      tree.enter(layer.lambda, layer.mu);
      for (size_t k = 0; k < layer.rho.size(); ++k) {
        ASSERT_EQ(tree.next(k == 0 ? nullptr : &layer.rho[k - 1]), test.proof.gkr.sumcheck_polys[i][k]);
      }
      ASSERT_EQ(tree.leave(layer.rho.back()), test.proof.gkr.claims_per_layer[i + 1]);
      ++layers;
    }
  }
  EXPECT_GT(layers, 100);
}

// Part 04, 10.5: two lifted interactions under padding, challenges 100 + k.
TEST(FractionTree, WorkedExample) {
  const stages_test::MiniProof test;
  stages::FractionTreeStage tree(test.inputs, base(101), base(102));
  EXPECT_TRUE(tree.root().p.is_zero());
  EXPECT_EQ(tree.root().q, base(1723657137));
  EXPECT_EQ(tree.first_layer(), (LayerClaims{base(0), base(1450916464), base(0), base(880728754)}));
  const auto message = [](int64_t a, int64_t b, int64_t c) {
    return std::array<Ext, 3>{base(a), base(b), base(c)};
  };
  tree.enter(base(104), base(103));
  EXPECT_EQ(tree.next(nullptr), message(202307042, 1847302919, 839733847));
  EXPECT_EQ(tree.leave(base(105)),
            (LayerClaims{base(1735892356), base(1891710294), base(277373565), base(1891710294)}));
  tree.enter(base(107), base(106));
  EXPECT_EQ(tree.next(nullptr), message(1619109447, 167718659, 1294035816));
  Ext challenge = base(108);
  EXPECT_EQ(tree.next(&challenge), message(117140357, 1334536322, 1689999266));
  EXPECT_EQ(tree.leave(base(109)),
            (LayerClaims{base(7244640), base(2003864786), base(7244640), base(2003864786)}));
  tree.enter(base(111), base(110));
  EXPECT_EQ(tree.next(nullptr), message(765209547, 1318644065, 1872078583));
  challenge = base(112);
  EXPECT_EQ(tree.next(&challenge), message(1193924282, 180343231, 140076671));
  challenge = base(113);
  EXPECT_EQ(tree.next(&challenge), message(1878318670, 784392147, 284033804));
  EXPECT_EQ(tree.leave(base(114)),
            (LayerClaims{base(1006645673), base(1683), base(1006645673), base(2013216754)}));
}
