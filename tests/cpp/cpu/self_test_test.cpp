// The CPU backend's self test: it passes on every instruction set and notices each kernel that is wrong.
#include "cpu/self_test.h"

#include <string>
#include <type_traits>

#include "harness.h"
#include "openswirl/failure.h"

using namespace openswirl;
using stages::Kernels;

namespace {

std::string complaint(const Kernels& kernels) {
  try {
    cpu::compare_kernels(kernels, Context{});
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

void check_noticed(const char* name, const Kernels& damaged) {
  const std::string text = complaint(damaged);
  CHECK_EQ(std::string(name) + (text.find(name) != std::string::npos ? " is named" : ": " + text),
           std::string(name) + " is named");
}

}  // namespace

TEST_CASE("every instruction set answers like the scalar kernels") {
  for (const Kernels* kernels : stages::available_kernels())
    CHECK_EQ(complaint(*kernels), std::string("none"));
}

TEST_CASE("a wrong kernel is noticed and named") {
#define CHECK_KERNEL(family, kernel)                        \
  do {                                                      \
    Kernels damaged = *stages::available_kernels().front(); \
    stop(damaged.family.kernel);                            \
    check_noticed(#kernel, damaged);                        \
  } while (false)
  CHECK_KERNEL(hashing, permute);
  CHECK_KERNEL(hashing, query_digests);
  CHECK_KERNEL(hashing, compress_layer);
  CHECK_KERNEL(hashing, grind);
  CHECK_KERNEL(transform, block_messages);
  CHECK_KERNEL(transform, dft_columns);
  CHECK_KERNEL(transform, dft_rows);
  CHECK_KERNEL(columns, import_rows);
  CHECK_KERNEL(columns, import_words);
  CHECK_KERNEL(columns, accumulate);
  CHECK_KERNEL(columns, double_eq);
  CHECK_KERNEL(columns, moment_sums);
  CHECK_KERNEL(columns, bind_moments);
  CHECK_KERNEL(constraints, run_base);
  CHECK_KERNEL(constraints, run_ext);
  CHECK_KERNEL(constraints, load_coset);
  CHECK_KERNEL(constraints, fold_blocks);
  CHECK_KERNEL(constraints, load_pairs);
  CHECK_KERNEL(constraints, fold_planes);
  CHECK_KERNEL(fractions, add_pairs);
  CHECK_KERNEL(fractions, round_sums);
  CHECK_KERNEL(fractions, bind);
  CHECK_KERNEL(stacking, combine);
  CHECK_KERNEL(stacking, products);
  CHECK_KERNEL(arithmetic, multiply);
  CHECK_KERNEL(arithmetic, add);
  CHECK_KERNEL(arithmetic, butterflies);
  CHECK_KERNEL(arithmetic, multiply_ext);
  CHECK_KERNEL(arithmetic, multiply_accumulate);
  CHECK_KERNEL(arithmetic, sum);
#undef CHECK_KERNEL
}
