// The permutation kernels of every available instruction set against the permutation as the protocol writes
// it.
#include "hash/kernels.h"

#include <cstdlib>
#include <cstring>
#include <string>

#include "field/instruction_sets.h"
#include "googletest.h"
#include "hash/poseidon2.h"
#include "stages/random_words.h"

using namespace openswirl;
using stages_test::words;

namespace {

std::vector<uint32_t> permuted_plainly(std::vector<uint32_t> states) {
  for (size_t i = 0; i < states.size(); i += kStateWidth) {
    SpongeState state;
    for (size_t j = 0; j < kStateWidth; ++j) state[j] = Fp::from_word(states[i + j]);
    poseidon2_permute_plainly(state);
    for (size_t j = 0; j < kStateWidth; ++j) states[i + j] = state[j].word();
  }
  return states;
}

// Zeros, p - 1 and powers of two, whose products have a low half of zero, in every position and all over.
std::vector<uint32_t> extreme_states() {
  std::vector<uint32_t> result;
  for (uint32_t bit = 0; bit < 31; ++bit) {
    const uint32_t word = (uint32_t{1} << bit) % Fp::kModulus;
    for (const uint32_t filler : {0u, word, Fp::kModulus - 1}) {
      for (size_t position = 0; position < kStateWidth; ++position) {
        for (size_t j = 0; j < kStateWidth; ++j) result.push_back(j == position ? word : filler);
      }
    }
  }
  return result;
}

void expect_permuted(const HashKernels& kernels, const std::vector<uint32_t>& states) {
  SCOPED_TRACE(kernels.name);
  const auto expected = permuted_plainly(states);
  auto many = states, one = states;
  kernels.permute_many(many.data(), many.size() / kStateWidth);
  EXPECT_EQ(many, expected);
  for (size_t i = 0; i < one.size(); i += kStateWidth) kernels.permute(one.data() + i);
  EXPECT_EQ(one, expected);
}

}  // namespace

TEST(HashKernels, PermutationsOfRandomStatesEqualThePlainOne) {
  for (const HashKernels* kernels : available_hash_kernels()) {
    expect_permuted(*kernels, words(kStateWidth * 2000, 1));
    // Whole vectors, and what is left of them.
    for (size_t count = 0; count < 40; ++count) {
      expect_permuted(*kernels, words(kStateWidth * count, static_cast<uint32_t>(count)));
    }
  }
}

TEST(HashKernels, PermutationsOfExtremeStatesEqualThePlainOne) {
  for (const HashKernels* kernels : available_hash_kernels()) expect_permuted(*kernels, extreme_states());
}

// Every state is the result of the one before: elements take values that no generator of words thinks of.
TEST(HashKernels, ChainsOfPermutationsEqualThePlainOne) {
  for (const HashKernels* kernels : available_hash_kernels()) {
    SCOPED_TRACE(kernels->name);
    std::vector<uint32_t> state(kStateWidth, 0), expected = state;
    for (int i = 0; i < 1000; ++i) {
      kernels->permute(state.data());
      expected = permuted_plainly(expected);
      ASSERT_EQ(state, expected) << i;
    }
  }
}

TEST(HashKernels, StatesBeyondTheCountStayAsTheyAre) {
  for (const HashKernels* kernels : available_hash_kernels()) {
    SCOPED_TRACE(kernels->name);
    const auto states = words(kStateWidth * 20, 3);
    for (size_t count = 0; count < 20; ++count) {
      auto permuted = states;
      kernels->permute_many(permuted.data(), count);
      const auto rest = static_cast<std::ptrdiff_t>(kStateWidth * count);
      EXPECT_TRUE(std::equal(permuted.begin() + rest, permuted.end(), states.begin() + rest)) << count;
    }
  }
}

// The program runs once per instruction set, which the environment names.
TEST(HashKernels, ChosenOnesAreThoseOfTheEnvironmentOrTheBest) {
  ASSERT_FALSE(available_hash_kernels().empty());
  EXPECT_STREQ(available_hash_kernels().back()->name, "scalar");
  const char* name = chosen_instruction_set();
  EXPECT_STREQ(hash_kernels().name, name ? name : available_hash_kernels().front()->name);
}
