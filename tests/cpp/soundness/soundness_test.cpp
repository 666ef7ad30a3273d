// The tables of protocol part 02, 7.5.
#include "soundness/soundness.h"

#include <cmath>

#include "googletest.h"
#include "openswirl/failure.h"

using namespace openswirl;

namespace {

// That the number rounds to the table's, which has this many digits after the point.
#define EXPECT_ROUNDED(actual, expected, digits) \
  EXPECT_NEAR(actual, expected, 0.5000001 * std::pow(10.0, -(digits)))

struct Row {
  SystemParams params;
  SoundnessContext context;
  double logup, zerocheck, fused, stacked, whir, total;
  double mu, fold, proximity, sumcheck, out_of_domain, shift, query, gamma;
};

}  // namespace

TEST(Soundness, ProductionPresets) {
  const Row rows[] = {
      {SystemParams::app(24),
       {5000, 100, 3, 24, 30000, 2048, 27},
       102.7205,
       117.7207,
       111.3350,
       107.7549,
       100.0898,
       100.0898,
       102.6282,
       104.6276,
       104.6276,
       127.0426,
       104.6276,
       100.0898,
       100.0898,
       116.0276},
      {SystemParams::leaf(),
       {1000, 50, 4, 20, 2000, 2048, 27},
       102.7205,
       117.3987,
       113.6375,
       111.6618,
       100.0117,
       100.0117,
       102.6283,
       105.6276,
       105.6276,
       126.0426,
       107.6276,
       100.0117,
       100.0117,
       116.7327},
      {SystemParams::internal(),
       {1000, 50, 4, 19, 2000, 512, 29},
       100.8984,
       116.8987,
       110.8327,
       108.8399,
       100.1080,
       100.1080,
       102.1011,
       103.1026,
       103.1026,
       134.2205,
       100.9837,
       100.1080,
       100.1081,
       111.9133},
      {SystemParams::root(),
       {1000, 50, 4, 20, 2000, 18, 29},
       100.1355,
       117.1357,
       111.0696,
       109.0768,
       100.2873,
       100.1355,
       102.1836,
       100.2873,
       100.2873,
       131.4576,
       100.4576,
       101.3170,
       101.3173,
       112.1503},
      {SystemParams::hook(),
       {1000, 50, 4, 20, 2000, 80, 29},
       101.1355,
       118.1357,
       112.0696,
       110.0768,
       100.1013,
       100.1013,
       100.9575,
       102.2862,
       102.2862,
       129.4576,
       102.4576,
       100.1013,
       100.1015,
       112.8987},
  };
  for (const Row& row : rows) {
    const SoundnessReport report = compute_soundness(row.params, row.context);
    EXPECT_ROUNDED(report.logup, row.logup, 4);
    EXPECT_ROUNDED(report.gkr_sumcheck, 122.0426, 4);
    EXPECT_ROUNDED(report.gkr_batching, 123.6276, 4);
    EXPECT_ROUNDED(report.zerocheck_sumcheck, row.zerocheck, 4);
    EXPECT_ROUNDED(report.constraint_batching, row.fused, 4);
    EXPECT_ROUNDED(report.stacked_reduction, row.stacked, 4);
    EXPECT_ROUNDED(report.whir, row.whir, 4);
    EXPECT_ROUNDED(report.total, row.total, 4);
    EXPECT_ROUNDED(report.whir_details.mu_batching, row.mu, 4);
    EXPECT_ROUNDED(report.whir_details.fold, row.fold, 4);
    EXPECT_ROUNDED(report.whir_details.proximity, row.proximity, 4);
    EXPECT_ROUNDED(report.whir_details.sumcheck, row.sumcheck, 4);
    EXPECT_ROUNDED(report.whir_details.out_of_domain, row.out_of_domain, 4);
    EXPECT_ROUNDED(report.whir_details.shift, row.shift, 4);
    EXPECT_ROUNDED(report.whir_details.query, row.query, 4);
    EXPECT_ROUNDED(report.whir_details.gamma_batching, row.gamma, 4);
  }
}

// Case (a).
TEST(Soundness, HandMadeParameters) {
  SystemParams params;
  params.l_skip = 3, params.n_stack = 8, params.w_stack = 64, params.log_blowup = 1;
  params.whir = {4, {36, 18}, 16, 16, 10, Proximity{}};
  params.logup = {1u << 20, 4, 16};
  params.max_constraint_degree = 4;
  const SoundnessReport report = compute_soundness(params, {1000, 50, 4, 24, 200, 10, 15});
  EXPECT_ROUNDED(report.logup, 114.627515, 6);
  EXPECT_ROUNDED(report.zerocheck_sumcheck, 118.498279, 6);
  EXPECT_ROUNDED(report.constraint_batching, 113.644569, 6);
  EXPECT_ROUNDED(report.stacked_reduction, 114.983706, 6);
  EXPECT_ROUNDED(report.whir, 30.941303, 6);
  EXPECT_ROUNDED(report.total, 30.941303, 6);
  EXPECT_ROUNDED(report.whir_details.mu_batching, 124.457590, 6);
  EXPECT_ROUNDED(report.whir_details.fold, 122.625450, 6);
  EXPECT_ROUNDED(report.whir_details.out_of_domain, 117.627562, 6);
  EXPECT_ROUNDED(report.whir_details.shift, 30.941303, 6);
  EXPECT_ROUNDED(report.whir_details.query, 30.941303, 6);
  EXPECT_ROUNDED(report.whir_details.proximity, 122.627562, 6);
  EXPECT_ROUNDED(report.whir_details.sumcheck, 132.042599, 6);
  EXPECT_ROUNDED(report.whir_details.gamma_batching, 118.418109, 6);
}

// Case (b).
TEST(Soundness, SmallParameters) {
  const SoundnessReport report =
      compute_soundness(SystemParams::test_small(2, 8, 3), {4, 3, 3, 10, 6, 4096, 10});
  EXPECT_ROUNDED(report.logup, 87.627562, 6);
  EXPECT_ROUNDED(report.zerocheck_sumcheck, 120.042600, 6);
  EXPECT_ROUNDED(report.constraint_batching, 120.457637, 6);
  EXPECT_ROUNDED(report.stacked_reduction, 120.042600, 6);
  EXPECT_ROUNDED(report.whir, 5.150375, 6);
  EXPECT_ROUNDED(report.total, 5.150375, 6);
  EXPECT_ROUNDED(report.whir_details.mu_batching, 103.627915, 6);
  EXPECT_ROUNDED(report.whir_details.fold, 101.675386, 6);
  EXPECT_ROUNDED(report.whir_details.out_of_domain, 111.012853, 6);
  EXPECT_ROUNDED(report.whir_details.proximity, 101.675391, 6);
  EXPECT_ROUNDED(report.whir_details.sumcheck, 119.735245, 6);
  EXPECT_ROUNDED(report.whir_details.gamma_batching, 116.735245, 6);
}

// The rates of part 02, 6.3.
TEST(Soundness, BitsPerQueryAtEachRate) {
  const SoundnessReport report =
      compute_soundness(SystemParams::internal(), {1000, 50, 4, 19, 2000, 512, 29});
  ASSERT_EQ(report.whir_details.rounds.size(), 3u);
  const double per_query[] = {1.178072, 2.678072, 4.178072};
  for (size_t i = 0; i < 3; ++i) {
    const WhirRoundSoundness& round = report.whir_details.rounds[i];
    EXPECT_EQ(round.log_inv_rate, 3 + 3 * i);
    EXPECT_ROUNDED(round.query_bits / static_cast<double>(round.num_queries), per_query[i], 6);
  }
}

TEST(Soundness, ContextOfAKey) {
  VerifyingKey vk;
  vk.params = SystemParams::app(21);
  vk.airs.resize(3);
  vk.airs[0].width.common_main = 5;
  vk.airs[0].constraints.constraint_idx = {1, 2, 3};
  vk.airs[1].width = {4, {2, 3}, 1};
  vk.airs[1].constraints.interactions.resize(5);
  vk.airs[2].width.common_main = 7;
  SoundnessContext context = soundness_context_from(vk);
  EXPECT_EQ(context.max_constraints_per_air, 3u);
  EXPECT_EQ(context.num_airs, 3u);
  EXPECT_EQ(context.max_constraint_degree, 3u);
  EXPECT_EQ(context.max_log_height, 21u);
  EXPECT_EQ(context.num_columns, 22u);
  EXPECT_EQ(context.num_stacked_columns, 2048u);
  EXPECT_EQ(context.n_logup, 22u);  // 2 + 3 + 21 - 4, below 31 - 4
  vk.airs[1].constraints.interactions.clear();
  EXPECT_EQ(soundness_context_from(vk).n_logup, 0u);
}

TEST(Soundness, RefusesNoAirsAndInvalidParameters) {
  EXPECT_THROW(compute_soundness(SystemParams::app(21), {1, 0, 3, 21, 5, 2048, 0}), Error);
  SystemParams params = SystemParams::app(21);
  params.whir.k = 0;
  EXPECT_THROW(compute_soundness(params, {1, 1, 3, 21, 5, 2048, 0}), Error);
}
