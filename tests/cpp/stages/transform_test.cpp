// The transform kernels of every available instruction set against the plain transforms of poly.
#include "poly/univariate.h"

#include <cstdlib>
#include <memory>

#include "googletest.h"
#include "random_words.h"
#include "stages/kernels.h"

using namespace openswirl;
using stages_test::words;

namespace {

struct Scratch {
  explicit Scratch(size_t count)
      : data(static_cast<uint32_t*>(std::aligned_alloc(64, count * 4)), std::free) {}
  std::unique_ptr<uint32_t, void (*)(void*)> data;
};

std::vector<Fp> fields(const std::vector<uint32_t>& words) {
  std::vector<Fp> result;
  for (const uint32_t word : words) result.push_back(Fp::from_word(word));
  return result;
}
std::vector<uint32_t> power_words(Fp base, size_t count) {
  std::vector<uint32_t> result;
  for (const Fp power : powers(base, count)) result.push_back(power.word());
  return result;
}
// As the passes take them.
std::vector<uint64_t> prepared_roots(const stages::Kernels& kernels, uint32_t log_size) {
  const auto roots = power_words(two_adic_generator(log_size), size_t{1} << (log_size - 1));
  std::vector<uint64_t> prepared(roots.size() * kernels.transform.root_words);
  kernels.transform.prepare_roots(roots.data(), roots.size(), reinterpret_cast<uint32_t*>(prepared.data()));
  return prepared;
}
const uint32_t* as_words(const std::vector<uint64_t>& roots) {
  return reinterpret_cast<const uint32_t*>(roots.data());
}
bool equal(const std::vector<Fp>& a, const std::vector<uint32_t>& b) {
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i].word() != b[i]) return false;
  }
  return a.size() == b.size();
}

}  // namespace

TEST(Transform, BlockMessagesEqualInverseDftAndZeta) {
  for (const stages::Kernels* kernels : stages::available_kernels()) {
    SCOPED_TRACE(kernels->name);
    for (uint32_t l = 0; l <= 6; ++l) {
      const size_t blocks = 21, size = size_t{1} << l;
      const auto input = words(blocks * size, l);
      const auto roots = power_words(two_adic_generator(l).inverse(), size / 2 + 1);
      const Scratch scratch(16 * size);
      auto output = input;
      kernels->transform.block_messages(input.data(), output.data(), l, roots.data(), 1, blocks,
                                        scratch.data.get());
      auto expected = fields(input);
      evaluations_to_message(std::span(expected).subspan(size), l);
      EXPECT_TRUE(equal(expected, output));
    }
  }
}

TEST(Transform, TwoPassesMakeAZeroPaddedDftInNaturalOrder) {
  for (const stages::Kernels* kernels : stages::available_kernels()) {
    SCOPED_TRACE(kernels->name);
    for (const auto& [log_rows, log_columns] : {std::pair{4u, 4u},
                                                {5u, 4u},
                                                {4u, 7u},
                                                {9u, 5u},
                                                {10u, 4u},
                                                {4u, 9u},
                                                {6u, 8u},
                                                {11u, 4u},
                                                {4u, 12u}}) {
      for (const uint32_t log_zero : {0u, 1u, 3u, 5u}) {
        if (log_zero > log_rows) continue;
        // Messages, or values on blocks.
        const uint32_t log_block = (log_rows + log_columns + log_zero) % 5;
        SCOPED_TRACE(log_block);
        const uint32_t log_size = log_rows + log_columns;
        const size_t rows = size_t{1} << log_rows, columns = size_t{1} << log_columns, size = rows * columns;
        stages::DftShape shape;
        shape.log_rows = log_rows, shape.log_columns = log_columns, shape.log_zero = log_zero;
        shape.log_block = log_block;
        shape.pitch = columns + 16;
        auto input = words(size >> log_zero, log_size + log_zero);
        // The largest sums and differences that lazy arithmetic meets.
        if (log_columns == 7) input.assign(input.size(), Fp::kModulus - 1);
        const auto block_roots = power_words(two_adic_generator(log_block).inverse(), 8);
        const auto row_roots = prepared_roots(*kernels, log_rows);
        const auto column_roots = prepared_roots(*kernels, log_columns);
        const auto factors = power_words(two_adic_generator(log_size), columns);
        std::vector<uint32_t> intermediate(rows * shape.pitch), output(size);
        const Scratch scratch(
            std::max(stages::dft_columns_scratch_words(shape), stages::dft_scratch_words(log_columns)));
        for (size_t tile = 0; tile < columns / 16; ++tile) {
          kernels->transform.dft_columns(shape, input.data(), block_roots.data(), as_words(row_roots),
                                         factors.data(), tile, intermediate.data(), scratch.data.get());
        }
        for (size_t tile = 0; tile < rows / 16; ++tile) {
          kernels->transform.dft_rows(shape, intermediate.data(), as_words(column_roots), tile, output.data(),
                                      scratch.data.get());
        }
        auto expected = fields(input);
        evaluations_to_message(std::span(expected), log_block);
        expected.resize(size, Fp::zero());
        dft(std::span(expected), log_size);
        EXPECT_TRUE(equal(expected, output));
      }
    }
  }
}
