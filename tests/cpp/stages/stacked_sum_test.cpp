#include "stages/stacked_sum.h"

#include "airs.h"
#include "googletest.h"

using namespace openswirl;
using stages_test::base, stages_test::bases, stages_test::matrix, stages_test::VectorCase;

TEST(StackedSum, MessagesOfTheVectors) {
  size_t cases = 0;
  for (const std::string& name : vectors::cases()) {
    SCOPED_TRACE(name);
    const VectorCase test(name);
    const stages_test::Challenges& given = *test.challenges;
    const StackingProof& expected = test.proof.stacking;
    stages::StackedSumStage sum(test.inputs, given.r, given.stacking_lambda);
    ASSERT_EQ(sum.first_round(), expected.univariate_round_coeffs);
    for (size_t j = 0; j < expected.sumcheck_round_polys.size(); ++j) {
      ASSERT_EQ(sum.next(given.u[j]), expected.sumcheck_round_polys[j]);
    }
    ASSERT_EQ(sum.finish(given.u.back()), expected.stacking_openings);
    ++cases;
  }
  EXPECT_GT(cases, 40);
}

// Part 05, 8.1: a column with rotation and a short one in one commitment.
TEST(StackedSum, FirstWorkedExample) {
  stages_test::Instance test;
  test.vk = stages_test::make_key(1, 2, 2);
  test.vk.airs.resize(2);
  for (AirVk& air : test.vk.airs) air.width.common_main = 1;
  test.vk.airs[0].need_rot = true;
  const std::vector<std::optional<uint32_t>> heights = {2, 0};
  test.inputs.shape = make_proof_shape(test.vk, heights);
  test.stack({{matrix(4, {1, 2, 3, 4})}, {matrix(1, {5})}});
  stages::StackedSumStage sum(test.inputs, bases({7, 11}), base(3));
  EXPECT_EQ(sum.first_round(), bases({1509949688, 46, 503316495}));
  EXPECT_EQ(sum.next(base(13)), (std::array<Ext, 2>{base(-1032), base(1084)}));
  EXPECT_EQ(sum.next(base(17)), (std::array<Ext, 2>{base(564480), base(16996008)}));
  EXPECT_EQ(sum.finish(base(19)), (std::vector<std::vector<Ext>>{bases({-11162})}));
}

// Part 05, 8.2: two commitments, two short columns.
TEST(StackedSum, SecondWorkedExample) {
  stages_test::Instance test;
  test.vk = stages_test::make_key(2, 1, 2);
  test.vk.airs.resize(2);
  for (AirVk& air : test.vk.airs) air.width.common_main = 1, air.need_rot = true;
  test.vk.airs[1].width.cached_mains = {1};
  const std::vector<std::optional<uint32_t>> heights = {3, 1};
  test.inputs.shape = make_proof_shape(test.vk, heights);
  test.stack({{matrix(8, {1, 2, 3, 4, 5, 6, 7, 8})}, {matrix(2, {9, 10}), matrix(2, {11, 12})}});
  stages::StackedSumStage sum(test.inputs, bases({7, 11}), base(3));
  EXPECT_EQ(sum.first_round(),
            bases({449605004, 1157338851, 1424205036, 1079351109, 1740783669, 26437120, 997015481}));
  EXPECT_EQ(sum.next(base(13)), (std::array<Ext, 2>{base(1342547581), base(718596860)}));
  EXPECT_EQ(sum.finish(base(17)),
            (std::vector<std::vector<Ext>>{bases({1025704583, 2013261841}), bases({2013259121})}));
}
