// The worked values of protocol parts 03 (3, 6.6) and 04 (10.1), and agreement of kernels with their tables.
#include "googletest.h"
#include "poly/eq.h"
#include "poly/stacked_layout.h"
#include "poly/univariate.h"

using namespace openswirl;

namespace {

Fp f(int64_t value) { return Fp::from_i64(value); }
Ext e(int64_t value) { return Ext(f(value)); }
std::vector<Ext> es(std::initializer_list<int64_t> values) {
  std::vector<Ext> result;
  for (const int64_t value : values) result.push_back(e(value));
  return result;
}
// An element outside the base field, so that coefficients cannot be mixed up unseen.
Ext wild(uint32_t seed) { return {f(seed), f(seed * 7 + 1), f(seed * 13 + 5), f(seed * 31 + 2)}; }

}  // namespace

TEST(Kernels, EqOnTheCube) {
  const auto x = es({2, 3}), y = es({5, 7});
  EXPECT_EQ(eq_eval<Ext>(x, y), e(462));
  EXPECT_EQ(eq_table<Ext>(x), es({2, -4, -3, 6}));
  for (uint64_t b = 0; b < 4; ++b) EXPECT_EQ(eq_at_index<Ext>(x, b), eq_table<Ext>(x)[b]);
}

TEST(Kernels, EqOnTheSubgroup) {
  EXPECT_EQ(eq_domain(2, e(3), e(5)), e(184));
  EXPECT_EQ(eq_domain(2, e(3), e(1)), e(10));
  EXPECT_EQ(eq_domain_at_one(2, e(3)), e(10));
  EXPECT_EQ(eq_domain(0, e(3), e(5)), e(1));
  EXPECT_EQ(eq_domain_coefficients(2, f(3)),
            std::vector<Fp>({f(1509949441), f(503316487), f(1509949443), f(503316481)}));
  const Ext x = wild(3), y = wild(4);
  EXPECT_EQ(horner<Ext>(std::span<const Ext>(eq_domain_coefficients(4, x)), y), eq_domain(4, x, y));
}

TEST(Kernels, EqSharpInterpolatesTheEqTable) {
  const auto interpolant = [](std::vector<Ext> xi, uint32_t log_size, int64_t z) {
    std::vector<Ext> table = eq_table<Ext>(xi);
    inverse_dft(std::span(table), log_size);
    return horner<Ext>(std::span<const Ext>(table), e(z));
  };
  EXPECT_EQ(interpolant(es({5}), 1, 3), e(-13));
  EXPECT_EQ(interpolant(es({2, 3}), 2, 5), e(901253862));
  EXPECT_EQ(interpolant(es({2, 3}), 2, 7), e(1718204443));
}

TEST(Kernels, StridedIndicator) {
  EXPECT_EQ(strided_indicator(3, -2, e(3)), e(205));
  EXPECT_EQ(strided_indicator(2, -1, e(13)), e(85));
  EXPECT_EQ(strided_indicator(2, 0, e(13)), e(1));
  EXPECT_EQ(strided_indicator(2, 3, e(13)), e(1));
  for (uint32_t i = 0; i < 8; ++i) {
    EXPECT_EQ(strided_indicator(3, -2, Ext(two_adic_generator(3).pow(i))), e(i % 4 == 0 ? 1 : 0));
  }
}

TEST(Kernels, WorkedPrismKernels) {
  const auto x = es({5}), y = es({11});
  const PrismKernels kernels = prism_kernels(1, e(3), x, e(7), y);
  EXPECT_EQ(kernels.eq, e(1045));
  EXPECT_EQ(kernels.rotation, e(184));
}

// Of equality and of the cyclic successor.
TEST(Kernels, PrismKernelsAreIndicatorsOnThePrism) {
  constexpr uint32_t kLogDomain = 2, kCube = 2, kRows = 16;
  const auto point = [](uint32_t row) {
    std::vector<Ext> p = {Ext(two_adic_generator(kLogDomain).pow(row % 4))};
    for (uint32_t j = 0; j < kCube; ++j) p.push_back(e(row >> (kLogDomain + j) & 1));
    return p;
  };
  for (uint32_t a = 0; a < kRows; ++a) {
    for (uint32_t b = 0; b < kRows; ++b) {
      const std::vector<Ext> x = point(a), y = point(b);
      const PrismKernels kernels =
          prism_kernels(kLogDomain, x[0], std::span(x).subspan(1), y[0], std::span(y).subspan(1));
      EXPECT_EQ(kernels.eq, e(a == b ? 1 : 0));
      EXPECT_EQ(kernels.rotation, e(a == (b + 1) % kRows ? 1 : 0));
    }
  }
}

TEST(Kernels, MobiusEq) {
  const auto u = es({2, 3}), x = es({5, 7});
  EXPECT_EQ(mobius_eq<Ext>(u, x), e(1122));
}

TEST(Kernels, Selectors) {
  const auto at = [](int32_t n, std::vector<Ext> r) { return selectors_at(trace_point(2, n, r)); };
  const Selectors tall = at(1, es({5, 7}));
  EXPECT_EQ(tall.first, e(2013265687));
  EXPECT_EQ(tall.last, e(1436183929));
  EXPECT_EQ(tall.transition, e(577081993));
  EXPECT_EQ(at(0, es({7})).first, e(100));
  EXPECT_EQ(at(0, es({7})).last, e(1782433129));
  EXPECT_EQ(at(2, es({7, 2, 3})).first, e(200));
  EXPECT_EQ(at(2, es({7, 2, 3})).last, e(628269169));
  EXPECT_EQ(at(-1, es({7})).first, e(25));
  EXPECT_EQ(at(-1, es({7})).last, e(-24));
  EXPECT_EQ(at(-1, es({5})).first, e(13));
  EXPECT_EQ(at(-1, es({5})).last, e(-12));
  EXPECT_EQ(at(-1, es({5})).transition, e(13));
  EXPECT_EQ(at(-2, es({5})).first, e(1));
  EXPECT_EQ(at(-2, es({5})).last, e(1));
  EXPECT_EQ(at(-2, es({5})).transition, e(0));
}

// Part 06, 9.1.
TEST(Kernels, MessageOfAColumnAndItsValue) {
  std::vector<Fp> column = {f(4), f(2), f(10), f(6)};
  evaluations_to_message(std::span(column), 1);
  EXPECT_EQ(column, std::vector<Fp>({f(3), f(4), f(8), f(10)}));
  const std::vector<Ext> u = es({5, 7});
  EXPECT_EQ(prism_to_cube(u, 1), u);
  EXPECT_EQ(prism_to_cube(es({13, 17}), 2), es({13, 169, 17}));
  const std::vector<Ext> eq = eq_table<Ext>(u);
  Ext sum = Ext::zero();
  for (size_t i = 0; i < 4; ++i) sum += eq[i] * column[i];
  EXPECT_EQ(sum, e(78));
  std::vector<Fp> codeword = column;
  codeword.resize(8, Fp::zero());
  dft(std::span(codeword), 3);
  EXPECT_EQ(codeword, std::vector<Fp>({f(25), f(168007772), f(1709168443), f(930052894), f(2013265918),
                                       f(1314007469), f(304097468), f(1614463719)}));
}

TEST(Kernels, InterpolationOnIntegers) {
  const std::vector<Ext> coefficients = {wild(1), wild(2), wild(3), wild(4), wild(5)};
  std::vector<Ext> values;
  for (int64_t i = 0; i < 5; ++i) values.push_back(horner<Ext>(std::span<const Ext>(coefficients), e(i)));
  EXPECT_EQ(interpolate_at(values, wild(9)), horner<Ext>(std::span<const Ext>(coefficients), wild(9)));
  EXPECT_EQ(interpolate_at(values, e(3)), values[3]);
}

// Fewer coefficients than a block of powers, whole blocks, and more.
TEST(Kernels, EvaluationAtBasePointsIsHorner) {
  std::vector<Ext> coefficients;
  for (const size_t count :
       {size_t{0}, size_t{1}, size_t{2}, size_t{63}, size_t{64}, size_t{200}, size_t{512}}) {
    while (coefficients.size() < count)
      coefficients.push_back(wild(static_cast<uint32_t>(coefficients.size())));
    for (const Fp x : {f(0), f(1), f(-1), f(123456789), two_adic_generator(9)}) {
      EXPECT_EQ(evaluate_at_base(coefficients, x), horner<Ext>(std::span<const Ext>(coefficients), Ext(x)));
    }
  }
}

TEST(Kernels, SumOverTheDomain) {
  const std::vector<Ext> coefficients = {wild(1), wild(2), wild(3), wild(4), wild(5), wild(6)};
  Ext sum = Ext::zero();
  for (uint32_t i = 0; i < 4; ++i) {
    sum += horner<Ext>(std::span<const Ext>(coefficients), Ext(two_adic_generator(2).pow(i)));
  }
  EXPECT_EQ(sum_over_domain(coefficients, 2), sum);
}

// Part 03, 6.6.
TEST(Kernels, WorkedLayout) {
  const MatrixShape matrices[] = {{2, 3}, {1, 3}, {0, 2}, {2, 2}, {1, 1}, {1, 0}};
  const StackedLayout layout = make_stacked_layout(2, 3, matrices);
  EXPECT_EQ(layout.width, 5u);
  EXPECT_EQ(layout.matrix_starts, std::vector<uint64_t>({0, 2, 3, 3, 5, 6}));
  const uint64_t rows[][6] = {{0, 0, 0, 0, 8, 1}, {0, 1, 1, 0, 8, 1}, {1, 0, 2, 0, 8, 1}, {3, 0, 3, 0, 4, 1},
                              {3, 1, 3, 4, 4, 1}, {4, 0, 4, 0, 4, 2}, {5, 0, 4, 4, 4, 4}};
  ASSERT_EQ(layout.slices.size(), 7u);
  for (size_t i = 0; i < 7; ++i) {
    const StackedSlice& slice = layout.slices[i];
    EXPECT_EQ(slice.matrix, rows[i][0]);
    EXPECT_EQ(slice.column, rows[i][1]);
    EXPECT_EQ(slice.stacked_column, rows[i][2]);
    EXPECT_EQ(slice.start_row, rows[i][3]);
    EXPECT_EQ(layout.lifted_length(slice), rows[i][4]);
    EXPECT_EQ(layout.stride(slice), rows[i][5]);
  }
}
