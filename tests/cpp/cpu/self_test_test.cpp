// The CPU backend's self test: it passes on every instruction set and notices each kernel that is wrong.
#include "cpu/self_test.h"

#include <string>
#include <type_traits>

#include "googletest.h"
#include "openswirl/failure.h"

using namespace openswirl;
using stages::Kernels;

namespace {

void compare(const Kernels& kernels) { cpu::compare_kernels(kernels, Context{}); }
void compare(const HashKernels& kernels) { cpu::compare_hash_kernels(kernels); }

std::string complaint(const auto& kernels) {
  try {
    compare(kernels);
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

// A kernel that does nothing; the one with a result finds nothing.
template <class Result, class... Arguments>
Result idle(Arguments...) {
  if constexpr (!std::is_void_v<Result>) return {};
}
template <class Result, class... Arguments>
void stop(Result (*&kernel)(Arguments...)) {
  kernel = idle<Result, Arguments...>;
}

void check_noticed(const char* name, const auto& damaged) { EXPECT_CONTAINS(complaint(damaged), name); }

}  // namespace

TEST(SelfTest, EveryInstructionSetAnswersLikeTheScalarKernels) {
  for (const Kernels* kernels : stages::available_kernels()) EXPECT_EQ(complaint(*kernels), "none");
  for (const HashKernels* kernels : available_hash_kernels()) EXPECT_EQ(complaint(*kernels), "none");
}

TEST(SelfTest, NoticesAndNamesAWrongKernel) {
#define EXPECT_NOTICED(family, kernel)                      \
  do {                                                      \
    Kernels damaged = *stages::available_kernels().front(); \
    stop(damaged.family.kernel);                            \
    check_noticed(#kernel, damaged);                        \
  } while (false)
  EXPECT_NOTICED(hashing, query_digests);
  EXPECT_NOTICED(hashing, compress_layer);
  EXPECT_NOTICED(hashing, grind);
  EXPECT_NOTICED(transform, block_messages);
  EXPECT_NOTICED(transform, prepare_roots);
  EXPECT_NOTICED(transform, dft_columns);
  EXPECT_NOTICED(transform, dft_rows);
  EXPECT_NOTICED(columns, import_rows);
  EXPECT_NOTICED(columns, import_words);
  EXPECT_NOTICED(columns, accumulate);
  EXPECT_NOTICED(columns, double_eq);
  EXPECT_NOTICED(columns, moment_sums);
  EXPECT_NOTICED(columns, bind_moments);
  EXPECT_NOTICED(constraints, run_base);
  EXPECT_NOTICED(constraints, run_ext);
  EXPECT_NOTICED(constraints, load_coset);
  EXPECT_NOTICED(constraints, fold_blocks);
  EXPECT_NOTICED(constraints, load_lines);
  EXPECT_NOTICED(constraints, fold_lines);
  EXPECT_NOTICED(constraints, fold_planes);
  EXPECT_NOTICED(fractions, add_pairs);
  EXPECT_NOTICED(fractions, round_sums);
  EXPECT_NOTICED(fractions, bind);
  EXPECT_NOTICED(fractions, bind_and_sum);
  EXPECT_NOTICED(stacking, combine);
  EXPECT_NOTICED(stacking, products);
  EXPECT_NOTICED(arithmetic, multiply);
  EXPECT_NOTICED(arithmetic, add);
  EXPECT_NOTICED(arithmetic, butterflies);
  EXPECT_NOTICED(arithmetic, multiply_ext);
  EXPECT_NOTICED(arithmetic, multiply_accumulate);
  EXPECT_NOTICED(arithmetic, sum);
#undef EXPECT_NOTICED
  HashKernels damaged = *available_hash_kernels().front();
  stop(damaged.permute);
  check_noticed("kernel permute", damaged);
  damaged = *available_hash_kernels().front();
  stop(damaged.permute_many);
  check_noticed("kernel permute_many", damaged);
}
