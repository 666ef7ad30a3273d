#include "stages/stacked_sum.h"

#include "airs.h"
#include "googletest.h"
#include "random_words.h"

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

// The openings of columns by their definition, without univariate skip: where columns fill the stacked ones
// and where those are nearly empty, in numbers whose tables are no whole number of vectors.
TEST(StackedSum, OpeningsOfManyAndOfFewColumns) {
  constexpr uint64_t kVariables = 5, kLogRows = 3;
  for (const uint64_t columns : {1, 12, 20, 36, 68}) {
    SCOPED_TRACE(columns);
    stages_test::Instance test;
    test.vk = stages_test::make_key(0, kVariables, 2);
    test.vk.airs.resize(1);
    test.vk.airs[0].width.common_main = columns;
    const std::vector<std::optional<uint32_t>> heights = {kLogRows};
    test.inputs.shape = make_proof_shape(test.vk, heights);
    stages_test::Matrix cells{uint64_t{1} << kLogRows, columns, {}};
    for (const uint32_t word : stages_test::words(columns << kLogRows, 3)) {
      cells.values.push_back(Fp::from_word(word));
    }
    test.stack({{cells}});
    const auto random = stages_test::words(4 * (2 * kVariables + 3), 4);
    std::vector<Ext> challenges;
    for (size_t i = 0; i < random.size(); i += 4) challenges.push_back(stages_test::ext(&random[i]));
    const std::span<const Ext> r = std::span(challenges).first(1 + kLogRows),
                               u = std::span(challenges).last(kVariables + 1);

    stages::StackedSumStage sum(test.inputs, r, challenges[kVariables + 1]);
    sum.first_round();
    for (size_t j = 0; j < kVariables; ++j) sum.next(u[j]);
    const std::vector<std::vector<Ext>> openings = sum.finish(u[kVariables]);
    ASSERT_EQ(openings.size(), 1u);
    ASSERT_EQ(openings[0].size(), (columns + 3) / 4);
    for (size_t column = 0; column < openings[0].size(); ++column) {
      const Fp* start = test.stacked[0].data() + (column << kVariables);
      std::vector<Ext> values(start, start + (size_t{1} << kVariables));
      for (size_t j = 1; j <= kVariables; ++j) {
        for (size_t i = 0; i < values.size() / 2; ++i) {
          values[i] = values[2 * i] + (values[2 * i + 1] - values[2 * i]) * u[j];
        }
        values.resize(values.size() / 2);
      }
      EXPECT_EQ(openings[0][column], values[0]) << "stacked column " << column;
    }
  }
}
