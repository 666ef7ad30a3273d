// Folding of a query's coset by the verifier (protocol part 09, 3, "folding"), against the formulas with
// divisions.
#include "verifier/whir.h"
#include "field/two_adic.h"
#include "googletest.h"
#include "poly/univariate.h"

using namespace openswirl;
using verifier::fold_coset;

namespace {

// Elements without structure.
Ext element(uint32_t seed) {
  const Fp base = Fp::from_u32(seed + 3);
  return {base.pow(1000), base.pow(1001), base.pow(1003), base.pow(1009)};
}

std::vector<Ext> elements(size_t count, uint32_t seed) {
  std::vector<Ext> result;
  for (uint32_t i = 0; i < count; ++i) result.push_back(element(seed + i));
  return result;
}

const Fp kPoints[] = {Fp::one(), two_adic_generator(5).pow(7), two_adic_generator(20).pow(99)};

// a0 + (alpha - x) (a0 - a1) / (2 x): the line through (x, a0) and (-x, a1) at alpha.
Ext line(const Ext& a0, const Ext& a1, const Ext& alpha, const Fp& x) {
  return a0 + (alpha - Ext(x)) * (a0 - a1) * (x + x).inverse();
}

}  // namespace

TEST(Folding, ByTwoIsTheLineThroughBothValues) {
  for (const Fp& x : kPoints) {
    const std::vector<Ext> a = elements(2, 10), alpha = elements(1, 20);
    EXPECT_EQ(fold_coset(a, alpha, x.inverse()), line(a[0], a[1], alpha[0], x));
  }
}

TEST(Folding, ByFourFoldsLines) {
  const Fp t = two_adic_generator(2);
  ASSERT_EQ(t.square(), Fp::minus_one());
  for (const Fp& x : kPoints) {
    const std::vector<Ext> a = elements(4, 30), alpha = elements(2, 40);
    const Ext b0 = line(a[0], a[2], alpha[0], x), b1 = line(a[1], a[3], alpha[0], t * x);
    EXPECT_EQ(fold_coset(a, alpha, x.inverse()), line(b0, b1, alpha[1], x.square()));
  }
}

// Of the values of a polynomial: its coefficients, as a table, bound at alpha (lowest variable first), leave
// the coefficients of the folded polynomial, which is evaluated at x^(2^k).
TEST(Folding, BindsTheLowestVariablesOfTheCoefficients) {
  for (const uint32_t k : {0u, 1u, 3u, 4u}) {
    const std::vector<Ext> coefficients = elements(64, 50), alphas = elements(k, 200);
    std::vector<Ext> folded = coefficients;
    for (const Ext& alpha : alphas) {
      for (size_t i = 0; 2 * i < folded.size(); ++i) folded[i] = folded[2 * i] + alpha * folded[2 * i + 1];
      folded.resize(folded.size() / 2);
    }
    for (const Fp& x : kPoints) {
      std::vector<Ext> values;
      for (uint32_t i = 0; i < 1u << k; ++i) {
        const Ext point(x * two_adic_generator(k).pow(i));
        values.push_back(horner<Ext>(std::span<const Ext>(coefficients), point));
      }
      const Ext image(x.pow(1u << k));
      EXPECT_EQ(fold_coset(values, alphas, x.inverse()), horner<Ext>(std::span<const Ext>(folded), image));
    }
  }
}
