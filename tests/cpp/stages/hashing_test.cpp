// The hashing kernels of every available instruction set against the scalar Poseidon2 and sponge.
#include <string>

#include "googletest.h"
#include "hash/sponge.h"
#include "openswirl/failure.h"
#include "random_words.h"
#include "stages/kernels.h"

using namespace openswirl;
using stages_test::words;

namespace {

Digest digest_at(const std::vector<uint32_t>& words, size_t i) {
  Digest digest;
  for (size_t j = 0; j < 8; ++j) digest[j] = Fp::from_word(words[8 * i + j]);
  return digest;
}

}  // namespace

TEST(Hashing, QueryDigestsHashRowsAtTheStrideInOrder) {
  for (const stages::Kernels* kernels : stages::available_kernels()) {
    SCOPED_TRACE(kernels->name);
    for (const size_t width : {size_t{0}, size_t{1}, size_t{8}, size_t{21}}) {
      for (const size_t per_query : {size_t{1}, size_t{2}, size_t{8}}) {
        const size_t stride = 21, height = stride * per_query, column_stride = height + 3;
        const auto matrix = words(width * column_stride + 1, static_cast<uint32_t>(width * 10 + per_query));
        std::vector<uint32_t> digests(8 * stride, 5);
        kernels->hashing.query_digests(matrix.data(), column_stride, width, per_query, stride, 1, stride,
                                       digests.data());
        EXPECT_EQ(digests[0], 5u);
        for (size_t y = 1; y < stride; ++y) {
          std::vector<Digest> leaves;
          for (size_t t = 0; t < per_query; ++t) {
            std::vector<Fp> row;
            for (size_t c = 0; c < width; ++c)
              row.push_back(Fp::from_word(matrix[c * column_stride + y + t * stride]));
            leaves.push_back(hash_slice(row));
          }
          EXPECT_EQ(digest_at(digests, y), tree_compress(leaves));
        }
      }
    }
  }
}

TEST(Hashing, LayerEqualsPairwiseCompression) {
  for (const stages::Kernels* kernels : stages::available_kernels()) {
    SCOPED_TRACE(kernels->name);
    const size_t count = 23;
    const auto children = words(16 * count, 3);
    std::vector<uint32_t> parents(8 * count, 0);
    kernels->hashing.compress_layer(children.data(), parents.data(), 0, count);
    for (size_t i = 0; i < count; ++i) {
      EXPECT_EQ(digest_at(parents, i), compress(digest_at(children, 2 * i), digest_at(children, 2 * i + 1)));
    }
  }
}

TEST(Hashing, GrindReturnsTheSmallestWitnessOrTheEnd) {
  const auto state_words = words(16, 8);
  const uint32_t mask = (1u << 6) - 1;
  for (const uint32_t position : {0u, 3u, 7u}) {
    std::vector<uint32_t> passing;
    for (uint32_t w = 0; w < 600; ++w) {
      SpongeState state;
      for (size_t j = 0; j < 16; ++j) state[j] = Fp::from_word(state_words[j]);
      state[position] = Fp::from_u32(w);
      poseidon2_permute(state);
      if ((state[7].canonical() & mask) == 0) passing.push_back(w);
    }
    ASSERT_GE(passing.size(), 3u);
    for (const stages::Kernels* kernels : stages::available_kernels()) {
      SCOPED_TRACE(kernels->name);
      const auto grind = kernels->hashing.grind;
      EXPECT_EQ(grind(state_words.data(), position, mask, 0, 600), passing[0]);
      EXPECT_EQ(grind(state_words.data(), position, mask, passing[0] + 1, 600), passing[1]);
      EXPECT_EQ(grind(state_words.data(), position, mask, passing[1], passing[1] + 1), passing[1]);
      EXPECT_EQ(grind(state_words.data(), position, mask, passing[0] + 1, passing[1]), passing[1]);
    }
  }
}

TEST(Hashing, ScalarKernelsAreAvailableAndUnknownOnesRefused) {
  EXPECT_STREQ(stages::available_kernels().back()->name, "scalar");
  EXPECT_STREQ(stages::kernels_named("scalar").name, "scalar");
  bool typed = false;
  try {
    stages::kernels_named("altivec");
  } catch (const Error& error) {
    typed = error.kind() == FailureKind::kInput;
  }
  EXPECT_TRUE(typed);
}
