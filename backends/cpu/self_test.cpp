#include "self_test.h"

#include <vector>

#include "field/two_adic.h"
#include "hash/poseidon2.h"
#include "kernel_comparison.h"
#include "stages/encode.h"
#include "stages/grind.h"
#include "stages/kernels.h"
#include "stages/words.h"

namespace openswirl::cpu {
namespace {

using stages::Kernels;

void known_answers(const Context& context) {
  SpongeState state{};
  poseidon2_permute(state);
  expect(state[0].canonical() == 1168947398 && state[15].canonical() == 11259290,
         "permutation of zeros (part 01, 3.4)");

  GrindPoint point{};
  for (uint32_t i = 0; i < 3; ++i) point.state[i] = Fp::from_u32(11 * (i + 1));
  point.position = 3;
  expect(stages::grind(context, point, 10) == Fp::from_u32(1053), "proof-of-work witness (part 01, 6.3)");

  // Part 03, 7.3 with l_skip = 2: one column of height 8, rate 1/2.
  Fp column[8], codeword[16];
  for (uint32_t i = 0; i < 8; ++i) column[i] = Fp::from_u32(i < 5 ? i + 1 : 0);
  stages::block_messages(context, column, column, 8, 2);
  stages::encode_columns(context, column, 8, 1, 3, 4, codeword, 16);
  const uint32_t expected[4] = {360885795, 161328897, 115165860, 1784787162};
  for (size_t i = 0; i < 4; ++i) expect(codeword[i].canonical() == expected[i], "codeword (part 03, 7.3)");
}

// Counts are odd, so that tails run too.
void compare_hashing(const Kernels& tested) {
  compare(tested, "query_digests", [](const Kernels& kernels) {
    const Words matrix = sample(21 * 4 * 37, 2);
    Words digests(8 * 37);
    kernels.hashing.query_digests(matrix.data(), 4 * 37, 21, 4, 37, 0, 37, digests.data());
    return digests;
  });
  compare(tested, "compress_layer", [](const Kernels& kernels) {
    const Words children = sample(16 * 37, 3);
    Words parents(8 * 37);
    kernels.hashing.compress_layer(children.data(), parents.data(), 0, 37);
    return parents;
  });
  compare(tested, "grind",
          [](const Kernels& kernels) { return kernels.hashing.grind(sample(16, 4).data(), 2, 63, 0, 1001); });
}

void compare_transforms(const Kernels& tested, const Context& context) {
  stages::DftShape shape;
  shape.log_rows = 7, shape.log_columns = 6, shape.log_zero = 1, shape.pitch = 80;
  shape.log_block = 4;
  auto scratch = context.buffer<uint32_t>(stages::dft_columns_scratch_words(shape), "self test");
  const std::vector<Fp> block_roots = powers(two_adic_generator(4).inverse(), 8);
  compare(tested, "block_messages", [&](const Kernels& kernels) {
    Words blocks = sample(37 * 16, 5);
    kernels.transform.block_messages(blocks.data(), blocks.data(), 4, stages::words(block_roots.data()), 0,
                                     37, scratch.data());
    return blocks;
  });
  compare(tested, "prepare_roots, dft_columns or dft_rows", [&](const Kernels& kernels) {
    const Words in = sample(size_t{1} << 12, 6);
    const auto prepare = [&](uint32_t log_size) {
      const size_t count = size_t{1} << (log_size - 1);
      const std::vector<Fp> roots = powers(two_adic_generator(log_size), count);
      std::vector<uint64_t> prepared(count * kernels.transform.root_words);
      kernels.transform.prepare_roots(stages::words(roots.data()), count,
                                      reinterpret_cast<uint32_t*>(prepared.data()));
      return prepared;
    };
    const std::vector<uint64_t> row_roots = prepare(7), column_roots = prepare(6);
    const std::vector<Fp> factors = powers(two_adic_generator(13), 64);
    Words intermediate(128 * shape.pitch), out(size_t{1} << 13);
    for (size_t tile = 0; tile < 4; ++tile) {
      kernels.transform.dft_columns(shape, in.data(), stages::words(block_roots.data()),
                                    reinterpret_cast<const uint32_t*>(row_roots.data()),
                                    stages::words(factors.data()), tile, intermediate.data(), scratch.data());
    }
    for (size_t tile = 0; tile < 8; ++tile) {
      kernels.transform.dft_rows(shape, intermediate.data(),
                                 reinterpret_cast<const uint32_t*>(column_roots.data()), tile, out.data(),
                                 scratch.data());
    }
    return out;
  });
}

void compare_columns(const Kernels& tested) {
  compare(tested, "import_rows", [](const Kernels& kernels) {
    const Words in = sample(37 * 11, 7);
    Words out(37 * 11);
    kernels.columns.import_rows(in.data(), 11, 0, 37, out.data(), 37);
    return out;
  });
  compare(tested, "import_words", [](const Kernels& kernels) {
    const Words in = sample(37, 8);
    Words out(37);
    kernels.columns.import_words(in.data(), out.data(), 37);
    return out;
  });
  compare(tested, "accumulate", [](const Kernels& kernels) {
    const Words in = sample(37 * 19, 9), weights = sample(4 * 19, 10);
    Words out = sample(4 * 37, 11);
    kernels.columns.accumulate(in.data(), 37, 19, weights.data(), 0, 37, out.data(), 37);
    return out;
  });
  compare(tested, "double_eq", [](const Kernels& kernels) {
    Words table = sample(4 * 74, 12);
    kernels.columns.double_eq(table.data(), 74, 37, sample(4, 13).data(), 0, 37);
    return table;
  });
  compare(tested, "moment_sums", [](const Kernels& kernels) {
    Words sums(8);
    kernels.columns.moment_sums(sample(4 * 74, 14).data(), sample(4 * 74, 15).data(), 74, 0, 37, sums.data());
    return sums;
  });
  compare(tested, "bind_moments", [](const Kernels& kernels) {
    Words out(8 * 37);
    kernels.columns.bind_moments(sample(4 * 74, 16).data(), sample(4 * 74, 17).data(), 74,
                                 sample(4, 18).data(), 0, 37, out.data(), out.data() + 4 * 37, 37);
    return out;
  });
}

void compare_arithmetic(const Kernels& tested) {
  const uint32_t operand = sample(1, 60)[0];
  const auto compare_chain = [&](const char* name, auto run) {
    compare(tested, name, [&](const Kernels& kernels) {
      Words words = sample(stages::kArithmeticWords, 61);
      run(kernels.arithmetic, words.data());
      return words;
    });
  };
  using Table = const stages::ArithmeticKernels&;
  compare_chain("multiply", [&](Table table, uint32_t* words) { table.multiply(words, operand, 3); });
  compare_chain("add", [&](Table table, uint32_t* words) { table.add(words, operand, 3); });
  compare_chain("butterflies", [&](Table table, uint32_t* words) { table.butterflies(words, operand, 3); });
  compare_chain("multiply_ext", [](Table table, uint32_t* words) { table.multiply_ext(words, 3); });
  compare(tested, "multiply_accumulate", [](const Kernels& kernels) {
    const Words matrix = sample(stages::kMacRows * stages::kMacColumns, 62),
                coefficients = sample(4 * stages::kMacColumns, 63);
    Words sums = sample(4 * stages::kMacRows, 64);
    kernels.arithmetic.multiply_accumulate(matrix.data(), coefficients.data(), sums.data(), 2);
    return sums;
  });
  compare(tested, "sum",
          [](const Kernels& kernels) { return kernels.arithmetic.sum(sample(1037, 65).data(), 1037); });
}

}  // namespace

void compare_kernels(const Kernels& tested, const Context& context) {
  compare_hashing(tested);
  compare_transforms(tested, context);
  compare_columns(tested);
  compare_constraints(tested, context);
  compare_fractions(tested);
  compare_stacking(tested, context);
  compare_arithmetic(tested);
}

void compare_hash_kernels(const HashKernels& tested) {
  const Words states = sample(16 * 37, 1);
  Words expected = states, many = states, one = states;
  const HashKernels& scalar = *available_hash_kernels().back();
  for (size_t i = 0; i < 37; ++i) scalar.permute(expected.data() + 16 * i);
  tested.permute_many(many.data(), 37);
  expect(many == expected, std::string("result of the ") + tested.name + " kernel permute_many");
  for (size_t i = 0; i < 37; ++i) tested.permute(one.data() + 16 * i);
  expect(one == expected, std::string("result of the ") + tested.name + " kernel permute");
}

void run_self_test(const Context& context) {
  known_answers(context);
  compare_hash_kernels(hash_kernels());
  compare_kernels(stages::kernels(), context);
}

}  // namespace openswirl::cpu
