// Presets, derived WHIR rounds and LogUp parameters: the tables of protocol part 02, 6.4 to 6.6.
#include "protocol/params.h"

#include "googletest.h"
#include "openswirl/failure.h"

using namespace openswirl;
using Queries = std::vector<uint64_t>;

TEST(Params, AppPresets) {
  const struct {
    uint64_t height;
    Queries queries;
    uint64_t final_len;
  } rows[] = {
      {11, {193}, 7},
      {14, {193}, 10},
      {15, {193, 88}, 7},
      {17, {193, 88}, 9},
      {18, {193, 88}, 10},
      {19, {193, 88, 81}, 7},
      {20, {193, 88, 81}, 8},
      {21, {193, 88, 81}, 9},
      {22, {193, 88, 81}, 10},
      {23, {193, 88, 81, 81}, 7},
      {24, {193, 88, 81, 81}, 8},
  };
  for (const auto& row : rows) {
    const SystemParams params = SystemParams::app(row.height);
    EXPECT_EQ(params.whir.num_queries, row.queries);
    EXPECT_EQ(params.log_final_poly_len(), row.final_len);
    EXPECT_EQ(params.l_skip, 4u);
    EXPECT_EQ(params.n_stack, row.height - 4);
    EXPECT_EQ(params.invalid_reason(), "");
    EXPECT_EQ(params.logup, (LogupParams{2013265921u, 7, 18}));
  }
  EXPECT_THROW(SystemParams::app(10), Error);
  EXPECT_THROW(SystemParams::app(25), Error);
}

TEST(Params, OtherProductionPresets) {
  const struct {
    SystemParams params;
    Queries queries;
    uint64_t final_len, logup_pow, w_stack, log_blowup, folding, mu, query;
  } rows[] = {
      {SystemParams::leaf(), {118, 84, 81}, 9, 18, 2048, 2, 4, 13, 20},
      {SystemParams::internal(), {68, 30, 20}, 7, 19, 512, 3, 18, 20, 20},
      {SystemParams::root(), {61, 30, 20}, 8, 18, 18, 4, 15, 15, 15},
      {SystemParams::hook(), {193, 42, 24}, 8, 18, 80, 2, 12, 11, 20},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(row.params.whir.num_queries, row.queries);
    EXPECT_EQ(row.params.log_final_poly_len(), row.final_len);
    EXPECT_EQ(row.params.logup.pow_bits, row.logup_pow);
    EXPECT_EQ(row.params.w_stack, row.w_stack);
    EXPECT_EQ(row.params.log_blowup, row.log_blowup);
    EXPECT_EQ(row.params.whir.folding_pow_bits, row.folding);
    EXPECT_EQ(row.params.whir.mu_pow_bits, row.mu);
    EXPECT_EQ(row.params.whir.query_phase_pow_bits, row.query);
    EXPECT_EQ(row.params.max_constraint_degree, 4u);
    EXPECT_EQ(row.params.invalid_reason(), "");
  }
}

TEST(Params, SmallTestParameters) {
  const struct {
    uint64_t l_skip, n_stack, k;
    Queries queries;
    uint64_t final_len;
  } rows[] = {
      {2, 8, 3, {10, 4, 2}, 1},    {3, 5, 3, {10, 4}, 2},       {5, 5, 4, {10, 3}, 2},
      {5, 8, 3, {10, 4, 2, 2}, 1}, {6, 7, 3, {10, 4, 2, 2}, 1}, {4, 16, 4, {10, 3, 2, 1, 1}, 0},
  };
  for (const auto& row : rows) {
    const SystemParams params = SystemParams::test_small(row.l_skip, row.n_stack, row.k);
    EXPECT_EQ(params.whir.num_queries, row.queries);
    EXPECT_EQ(params.log_final_poly_len(), row.final_len);
    EXPECT_EQ(params.invalid_reason(), "");
  }
}

// Of Fibonacci round trips and WHIR-only tests.
TEST(Params, DerivedRounds) {
  const Proximity unique;
  EXPECT_EQ(derive_whir({1, 10, 4, 4, 10, 1, 11, unique, 80}).num_queries, Queries({191, 87}));
  EXPECT_EQ(derive_whir({1, 14, 4, 4, 10, 1, 11, unique, 80}).num_queries, Queries({191, 87, 80}));
  const auto small = [](uint64_t n_stack, uint64_t log_blowup, uint64_t k, uint64_t f) {
    const Proximity split{Proximity::Kind::kSplitUniqueList, 3, 1};
    return derive_whir({log_blowup, 2 + n_stack, k, f, 3, 1, 2, split, 5}).num_queries;
  };
  EXPECT_EQ(small(0, 1, 1, 0), Queries({10, 15}));
  EXPECT_EQ(small(2, 1, 1, 2), Queries({10, 15}));
  EXPECT_EQ(small(2, 1, 2, 0), Queries({10, 6}));
  EXPECT_EQ(small(2, 1, 3, 1), Queries({10}));
  EXPECT_EQ(small(2, 1, 4, 0), Queries({10}));
  EXPECT_EQ(small(2, 2, 4, 0), Queries({6}));
}

// A word can agree everywhere, or nothing is left to reach.
TEST(Params, NoQueriesWhereTheyCannotHelp) {
  const Proximity list{Proximity::Kind::kListDecoding, 1, 0};
  EXPECT_EQ(derive_whir({0, 4, 4, 0, 0, 0, 0, list, 80}).num_queries, Queries({0}));
  EXPECT_EQ(derive_whir({1, 4, 4, 0, 0, 20, 0, Proximity{}, 20}).num_queries, Queries({0}));
}

TEST(Params, RegimesByRound) {
  const Proximity split{Proximity::Kind::kSplitUniqueList, 3, 1};
  EXPECT_FALSE(split.list_multiplicity(0));
  EXPECT_EQ(split.list_multiplicity(1), 3u);
  EXPECT_FALSE(Proximity{}.list_multiplicity(5));
  EXPECT_EQ((Proximity{Proximity::Kind::kListDecoding, 2, 0}.list_multiplicity(0)), 2u);
}

TEST(Params, NamesValueAndBoundOfInvalidParameters) {
  const auto reason = [](auto change) {
    SystemParams params = SystemParams::test_small(2, 8, 3);
    change(params);
    return params.invalid_reason();
  };
  EXPECT_EQ(reason([](auto&) {}), "");
  EXPECT_EQ(reason([](auto& p) { p.whir.k = 0; }), "whir.k is 0, at least 1 is needed");
  EXPECT_EQ(reason([](auto& p) { p.whir.num_queries.clear(); }),
            "the number of WHIR rounds is 0, at least 1 is needed");
  EXPECT_EQ(reason([](auto& p) { p.whir.k = 4; }),
            "whir.k times the number of WHIR rounds is 12, at most 10 is possible");
  EXPECT_EQ(reason([](auto& p) { p.n_stack = 25; }),
            "l_skip + n_stack + log_blowup is 28, at most 27 is possible");
  EXPECT_EQ(reason([](auto& p) { p.n_stack = ~uint64_t{0}; }),
            "n_stack is 18446744073709551615, at most 27 is possible");
  EXPECT_EQ(reason([](auto& p) { p.max_constraint_degree = 0; }),
            "max_constraint_degree is 0, at least 1 is needed");
  EXPECT_EQ(reason([](auto& p) { p.max_constraint_degree = 256; }),
            "max_constraint_degree is 256, at most 255 is possible");
  EXPECT_EQ(reason([](auto& p) { p.logup.max_interaction_count = 0; }),
            "logup.max_interaction_count is 0, at least 1 is needed");
  EXPECT_EQ(reason([](auto& p) { p.logup.log_max_message_length = 64; }),
            "logup.log_max_message_length is 64, at most 63 is possible");
  EXPECT_EQ(reason([](auto& p) { p.whir.folding_pow_bits = 31; }),
            "whir.folding_pow_bits is 31, at most 30 is possible");
  EXPECT_EQ(reason([](auto& p) { p.whir.num_queries = {10, 0, 2}; }),
            "the number of queries of WHIR round 1 is 0, at least 1 is needed");
  EXPECT_EQ(reason([](auto& p) { p.whir.num_queries = {0, 4, 2}; }),
            "the number of queries of WHIR round 0 is 0, at least 1 is needed");
  // R = m rounds of one fold: the last code domain, of log2 size m + b - R + 1 = 1 with b = 0, still holds
  // 2^k points.
  EXPECT_EQ(reason([](auto& p) { p.whir.k = 1, p.log_blowup = 0, p.whir.num_queries.assign(10, 1); }), "");
  EXPECT_EQ(
      reason([](auto& p) { p.l_skip = 20, p.n_stack = 0, p.max_constraint_degree = 128; }),
      "the degree of the univariate round, (max_constraint_degree + 1) (2^l_skip - 1), is 135266175, at most "
      "134217727 is possible");
}

// Before anything is derived from them.
TEST(Params, RefusesAbsurdSizesFirst) {
  EXPECT_THROW(SystemParams::test_small(2, uint64_t{1} << 63, 3), Error);
  EXPECT_THROW(SystemParams::test_small(~uint64_t{0}, 3, 3), Error);
  EXPECT_THROW(SystemParams::test_small(2, 25, 3), Error);
  EXPECT_THROW(SystemParams::test_small(2, 8, uint64_t{1} << 40), Error);
  EXPECT_EQ(SystemParams::test_small(2, 24, 3).invalid_reason(), "");

  SystemParams params = SystemParams::test_small(2, 8, 3);
  params.whir.num_queries[2] = uint64_t{1} << 16;
  EXPECT_EQ(params.invalid_reason(), "");
  ++params.whir.num_queries[2];
  EXPECT_EQ(params.invalid_reason(),
            "the number of queries of WHIR round 2 is 65537, at most 65536 is possible");
}
