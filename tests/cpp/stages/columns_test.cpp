// The column kernels of every available instruction set against their formulas in scalar extension
// arithmetic.
#include "googletest.h"
#include "random_words.h"
#include "stages/kernels.h"

using namespace openswirl;
using stages_test::ext;
using stages_test::plane_ext;
using stages_test::words;

TEST(Columns, ImportTurnsCanonicalRowsIntoMontgomeryColumns) {
  for (const stages::Kernels* kernels : stages::available_kernels()) {
    SCOPED_TRACE(kernels->name);
    const size_t rows = 101, columns = 11, stride = 128;
    const auto input = words(rows * columns, 1);
    std::vector<uint32_t> output(columns * stride, 7);
    kernels->columns.import_rows(input.data(), columns, 2, rows, output.data(), stride);
    bool equal = output[0] == 7 && output[1] == 7 && output[rows] == 7;
    for (size_t r = 2; r < rows; ++r) {
      for (size_t c = 0; c < columns; ++c)
        equal &= output[c * stride + r] == Fp::from_u32(input[r * columns + c]).word();
    }
    EXPECT_TRUE(equal);
    std::vector<uint32_t> flat(input.size());
    kernels->columns.import_words(input.data(), flat.data(), input.size());
    equal = true;
    for (size_t i = 0; i < flat.size(); ++i) equal &= flat[i] == Fp::from_u32(input[i]).word();
    EXPECT_TRUE(equal);
  }
}

TEST(Columns, AccumulateAddsTheWeightedSumOfColumns) {
  for (const stages::Kernels* kernels : stages::available_kernels()) {
    SCOPED_TRACE(kernels->name);
    for (const size_t columns : {size_t{0}, size_t{1}, size_t{7}, size_t{8}, size_t{19}}) {
      const size_t rows = 1100, stride = 1111, out_stride = 1105;
      const auto input = words(columns * stride + 1, 2);
      // All-maximal words as well, the worst case of the delayed reduction.
      auto coefficients = words(4 * columns + 4, 3);
      if (columns == 8) coefficients.assign(coefficients.size(), Fp::kModulus - 1);
      const auto before = words(4 * out_stride, 4);
      auto output = before;
      kernels->columns.accumulate(input.data(), stride, columns, coefficients.data(), 3, rows, output.data(),
                                  out_stride);
      bool equal = true;
      for (size_t i = 0; i < rows; ++i) {
        Ext expected = plane_ext(before.data(), out_stride, i);
        for (size_t c = 0; i >= 3 && c < columns; ++c) {
          expected = expected + ext(&coefficients[4 * c]) * Fp::from_word(input[c * stride + i]);
        }
        equal &= plane_ext(output.data(), out_stride, i) == expected;
      }
      EXPECT_TRUE(equal);
    }
  }
}

TEST(Columns, EqDoublingMomentSumsAndBinding) {
  for (const stages::Kernels* kernels : stages::available_kernels()) {
    SCOPED_TRACE(kernels->name);
    for (const size_t pairs : {size_t{1}, size_t{8}, size_t{53}}) {
      const size_t stride = 2 * pairs + 5;
      auto c = words(4 * stride, 5), m = words(4 * stride, 6);
      if (pairs == 8) c.assign(c.size(), Fp::kModulus - 1), m.assign(m.size(), Fp::kModulus - 1);
      const auto alpha = words(4, 7);
      const Ext a = ext(alpha.data());

      auto table = c;
      kernels->columns.double_eq(table.data(), stride, pairs, alpha.data(), 0, pairs);
      bool equal = true;
      for (size_t b = 0; b < pairs; ++b) {
        const Ext value = plane_ext(c.data(), stride, b);
        equal &= plane_ext(table.data(), stride, pairs + b) == value * a;
        equal &= plane_ext(table.data(), stride, b) == value * (Ext::one() - a);
      }
      EXPECT_TRUE(equal);

      auto sums = words(8, 9);
      Ext one = ext(sums.data()), two = ext(sums.data() + 4);
      std::vector<uint32_t> out_c(4 * pairs), out_m(4 * pairs);
      kernels->columns.moment_sums(c.data(), m.data(), stride, 0, pairs, sums.data());
      kernels->columns.bind_moments(c.data(), m.data(), stride, alpha.data(), 0, pairs, out_c.data(),
                                    out_m.data(), pairs);
      equal = true;
      for (size_t y = 0; y < pairs; ++y) {
        const Ext c0 = plane_ext(c.data(), stride, 2 * y), c1 = plane_ext(c.data(), stride, 2 * y + 1);
        const Ext m0 = plane_ext(m.data(), stride, 2 * y), m1 = plane_ext(m.data(), stride, 2 * y + 1);
        one = one + (c0 + c1) * m1;
        two = two + (c0 + c1 + c1) * (m1 + m1 + m1 - m0);
        equal &= plane_ext(out_c.data(), pairs, y) == c0 + a * c1;
        equal &= plane_ext(out_m.data(), pairs, y) == (Ext::one() - a) * m0 + (a + a - Ext::one()) * m1;
      }
      EXPECT_TRUE(equal);
      EXPECT_EQ(ext(sums.data()), one);
      EXPECT_EQ(ext(sums.data() + 4), two);
    }
  }
}
