// Known answers of the field and its extension, and their laws at the edges (protocol part 01, 1 and 2).
#include "field/two_adic.h"
#include "googletest.h"

using namespace openswirl;

namespace {

Fp f(uint32_t value) { return Fp::from_u32(value); }
Ext e(uint32_t c0, uint32_t c1, uint32_t c2, uint32_t c3) { return {f(c0), f(c1), f(c2), f(c3)}; }
constexpr uint32_t kP = Fp::kModulus;

}  // namespace

TEST(Field, MontgomeryWords) {
  const uint32_t rows[][2] = {
      {0, 0},          {1, 268435454},           {2, 536870908},        {11, 939524073},
      {31, 268435390}, {2013265920, 1744830467}, {123456789, 139278701}};
  for (const auto& row : rows) {
    EXPECT_EQ(f(row[0]).word(), row[1]);
    EXPECT_EQ(Fp::from_word(row[1]).canonical(), row[0]);
  }
}

TEST(Field, IntegersAreReduced) {
  EXPECT_EQ(f(kP).canonical(), 0u);
  EXPECT_EQ(f(0xffffffffu).canonical(), 0xffffffffu % kP);
  EXPECT_EQ(Fp::from_u64(uint64_t{kP} * kP + 5).canonical(), 5u);
  EXPECT_EQ(Fp::from_i64(-1).canonical(), kP - 1);
  EXPECT_EQ(Fp::from_i64(-int64_t{kP}).canonical(), 0u);
}

TEST(Field, BaseFieldKnownAnswers) {
  EXPECT_EQ((f(873888856) * f(1643323515)).canonical(), 459046982u);
  EXPECT_EQ((f(kP - 1) * f(kP - 1)).canonical(), 1u);
  EXPECT_EQ(f(2).inverse().canonical(), 1006632961u);
  EXPECT_EQ(f(kP - 1).inverse().canonical(), kP - 1);
  EXPECT_EQ(f(123456789).inverse().canonical(), 266041062u);
  EXPECT_EQ(f(1).halve().canonical(), 1006632961u);
  EXPECT_EQ(f(6).halve().canonical(), 3u);
  EXPECT_EQ(f(7).halve().canonical(), 1006632964u);
  EXPECT_EQ(Fp::zero().inverse().canonical(), 0u);
}

TEST(Field, BaseFieldEqualsWideArithmeticAtTheEdges) {
  const uint32_t values[] = {0,          1,      2,      3,          11,         kP / 2,
                             kP / 2 + 1, kP - 2, kP - 1, 0x0ffffffe, 0x68000003, 123456789};
  for (const uint32_t a : values) {
    for (const uint32_t b : values) {
      EXPECT_EQ((f(a) + f(b)).canonical(), static_cast<uint32_t>((uint64_t{a} + b) % kP));
      EXPECT_EQ((f(a) - f(b)).canonical(), static_cast<uint32_t>((uint64_t{a} + kP - b) % kP));
      EXPECT_EQ((f(a) * f(b)).canonical(), static_cast<uint32_t>(uint64_t{a} * b % kP));
    }
    EXPECT_TRUE((-f(a) + f(a)).is_zero());
    for (unsigned n = 0; n <= 32; ++n) EXPECT_EQ(f(a).div_2exp(n) * f(2).pow(n), f(a));
  }
}

TEST(Field, TwoAdicGenerators) {
  EXPECT_EQ(two_adic_generator(0).canonical(), 1u);
  EXPECT_EQ(two_adic_generator(2).canonical(), 1728404513u);
  EXPECT_EQ(two_adic_generator(4).canonical(), 196396260u);
  EXPECT_EQ(two_adic_generator(22).canonical(), 570250684u);
  EXPECT_EQ(two_adic_generator(27).canonical(), 440564289u);
  EXPECT_EQ(two_adic_generator(27).word(), 0x57fab6eeu);
  EXPECT_EQ(f(Fp::kGenerator).pow(15), two_adic_generator(27));
  for (unsigned k = 1; k <= 27; ++k) EXPECT_EQ(two_adic_generator(k).square(), two_adic_generator(k - 1));
}

TEST(Field, ExtensionKnownAnswers) {
  const Ext a = e(1649717740, 1969491882, 1484760456, 782780504),
            b = e(243117059, 697555963, 1577179715, 743368138);
  EXPECT_EQ(e(1, 2, 3, 4) * e(5, 6, 7, 8), e(676, 588, 386, 60));
  EXPECT_EQ(e(0, 1, 0, 0) * e(0, 0, 0, 1), e(11, 0, 0, 0));
  EXPECT_EQ(a * b, e(276906648, 1714147261, 1918917056, 1911204246));
  EXPECT_EQ(e(1, 2, 3, 4).inverse(), e(1587469345, 920666518, 1160282443, 647153706));
  EXPECT_EQ(e(0, 1, 0, 0).inverse(), e(0, 0, 0, 549072524));
  EXPECT_EQ(a.inverse(), e(522678636, 391719586, 1383962064, 921647309));
  EXPECT_EQ(e(1, 2, 3, 4).frobenius(), e(1, 1443543105, 2013265918, 1139445632));
  EXPECT_EQ(a.frobenius(), e(1649717740, 1460743948, 528505465, 547704623));
  EXPECT_EQ(a.pow(kP), a.frobenius());
}

TEST(Field, LargestWordsDoNotOverflowAProduct) {
  const Fp top = Fp::from_word(kP - 1);
  const Ext a(top, top, top, top);
  // Coefficient by coefficient, each product reduced on its own.
  const Fp square = top * top, w = f(11);
  EXPECT_EQ(a * a, Ext(square + w * (square + square + square), square + square + w * (square + square),
                       square + square + square + w * square, square + square + square + square));
  EXPECT_EQ(a * a.inverse(), Ext::one());
  EXPECT_EQ(a * top, a * Ext(top));
}

TEST(Field, BatchInverseKeepsZeros) {
  std::vector<Ext> values = {e(1, 2, 3, 4), Ext::zero(), e(5, 0, 0, 0), e(0, 0, 7, 0)};
  const std::vector<Ext> before = values;
  batch_inverse(std::span(values));
  for (size_t i = 0; i < values.size(); ++i) EXPECT_EQ(values[i], before[i].inverse());
  EXPECT_TRUE(values[1].is_zero());
}

// Of the largest words, whose sums leave the least room, and of others; odd and even counts.
TEST(Field, DotEqualsASumOfProducts) {
  const Fp largest = Fp::from_word(kP - 1);
  for (size_t count = 0; count < 40; ++count) {
    std::vector<Ext> a(count, Ext(largest, largest, largest, largest));
    std::vector<Fp> b(count, largest);
    for (const bool all_largest : {true, false}) {
      Ext sum = Ext::zero();
      for (size_t i = 0; i < count; ++i) {
        if (!all_largest && i % 3 == 1) {
          const auto n = static_cast<uint32_t>(i);
          a[i] = e(n * 77, kP - n, 1u << n % 31, n * n + 5), b[i] = f(0x12345678u * n);
        }
        sum += a[i] * b[i];
      }
      EXPECT_EQ(dot(a.data(), b.data(), count), sum);
    }
  }
}
