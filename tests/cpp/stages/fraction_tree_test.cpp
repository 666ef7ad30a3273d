#include "stages/fraction_tree.h"

#include <array>

#include "airs.h"
#include "googletest.h"
#include "poly/eq.h"
#include "random_words.h"
#include "stage_inputs.h"
#include "stages/layer_sumcheck.h"

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

// A layer larger than the low eq table, partly padding, against sums over all of its points.
TEST(LayerSumcheck, EqualsSumsOverAllPoints) {
  constexpr uint32_t kVariables = 13;
  constexpr size_t kPoints = size_t{1} << kVariables, kUsed = kPoints + 3000;
  const std::vector<uint32_t> words = stages_test::words(8 * kUsed + 200, 7);
  std::vector<Ext> random;
  for (size_t i = 0; i < words.size(); i += 4) random.push_back(stages_test::ext(&words[i]));
  const Ext padding = random[0], lambda = random[1];
  const std::span<const Ext> point = std::span(random).subspan(2, kVariables),
                             challenges = std::span(random).subspan(2 + kVariables, kVariables);
  for (const unsigned threads : {1u, 2u}) {
    const Context context = stages_test::context(threads);
    stages::FractionTable table(context, kVariables + 1, kUsed, padding, false);
    // p_0, q_0, p_1, q_1 of every point.
    std::vector<std::array<Ext, 4>> values(kPoints, {Ext::zero(), padding, Ext::zero(), padding});
    for (size_t i = 0; i < kUsed; ++i) {
      table.p[i] = values[i / 2][2 * (i % 2)] = random[2 * i + 5];
      table.q[i] = values[i / 2][2 * (i % 2) + 1] = random[2 * i + 6];
    }
    table.pad(kUsed);
    const auto h = [&](const std::array<Ext, 4>& v) {
      return v[0] * v[3] + v[2] * v[1] + lambda * v[1] * v[3];
    };
    const std::vector<Ext> eq = eq_table(point);
    Ext claim = Ext::zero();
    for (size_t x = 0; x < kPoints; ++x) claim += eq[x] * h(values[x]);

    stages::LayerSumcheck sumcheck(
        context, {{claim, Ext::zero(), claim, Ext::zero()}, lambda, point[0], point.subspan(1)},
        std::move(table));
    Ext prefix = Ext::one();
    for (uint32_t round = 0; round < kVariables; ++round) {
      const auto message = sumcheck.next(round == 0 ? nullptr : &challenges[round - 1]);
      const std::vector<Ext> behind = eq_table(point.subspan(round + 1));
      const auto line = [&](size_t y, const Ext& at) {
        std::array<Ext, 4> v;
        for (size_t k = 0; k < 4; ++k)
          v[k] = values[2 * y][k] + (values[2 * y + 1][k] - values[2 * y][k]) * at;
        return v;
      };
      for (uint32_t i = 0; i < 3; ++i) {
        const Ext at = Fp::from_u32(i + 1);
        Ext sum = Ext::zero();
        for (size_t y = 0; y < behind.size(); ++y) sum += behind[y] * h(line(y, at));
        ASSERT_EQ(message[i], prefix * eq1(point[round], at) * sum) << round << ' ' << i;
      }
      for (size_t y = 0; y < behind.size(); ++y) values[y] = line(y, challenges[round]);
      values.resize(behind.size());
      prefix *= eq1(point[round], challenges[round]);
    }
    const LayerClaims claims = sumcheck.leave(challenges.back());
    EXPECT_EQ(claims.p0, values[0][0]);
    EXPECT_EQ(claims.q0, values[0][1]);
    EXPECT_EQ(claims.p1, values[0][2]);
    EXPECT_EQ(claims.q1, values[0][3]);
  }
}
