// Encoding: the worked values of protocol part 03, 7.3, and the plain DFT for shapes around the tiling
// limits.
#include "stages/encode.h"

#include "googletest.h"
#include "poly/univariate.h"
#include "random_words.h"
#include "stage_inputs.h"

using namespace openswirl;

namespace {

std::vector<Fp> random_fields(size_t count, uint32_t seed) {
  std::vector<Fp> result;
  for (const uint32_t word : stages_test::words(count, seed)) result.push_back(Fp::from_word(word));
  return result;
}

}  // namespace

TEST(Encode, WorkedMessagesAndCodewords) {
  const uint32_t messages[4][8] = {
      {1, 2, 3, 4, 5, 0, 0, 0},
      {1006632962, 1, 1006632964, 3, 1006632963, 5, 0, 0},
      {1006632963, 1870835219, 2, 1, 1509949442, 1006632963, 1006632963, 5},
      {251658242, 1522633285, 1438734091, 85667034, 1509949443, 1723595498, 3, 1}};
  const uint32_t codewords[4][4] = {{15, 34835481, 1163775055, 1431783183},
                                    {1006632977, 1222796415, 1321753481, 759089369},
                                    {360885795, 161328897, 115165860, 1784787162},
                                    {492439834, 590103293, 327370164, 1976664575}};
  const Context context = stages_test::context(1);
  for (uint32_t l = 0; l < 4; ++l) {
    std::vector<Fp> column(8, Fp::zero()), codeword(16);
    for (uint32_t i = 0; i < 5; ++i) column[i] = Fp::from_u32(i + 1);
    stages::block_messages(context, column.data(), column.data(), 8, l);
    stages::encode_columns(context, column.data(), 8, 1, 3, 4, codeword.data(), 16);
    for (size_t i = 0; i < 8; ++i) EXPECT_EQ(column[i].canonical(), messages[l][i]);
    for (size_t i = 0; i < 4; ++i) EXPECT_EQ(codeword[i].canonical(), codewords[l][i]);
  }
}

// In place and apart, for any number of threads.
TEST(Encode, EqualsThePlainDft) {
  struct Shape {
    uint32_t log_message, log_codeword;
    size_t width;
  };
  for (const Shape& shape : {Shape{0, 1, 3},
                             {3, 8, 2},
                             {4, 8, 5},
                             {7, 7, 3},
                             {8, 8, 3},
                             {9, 11, 4},
                             {4, 13, 2},
                             {14, 15, 3},
                             {16, 16, 1}}) {
    const size_t message_size = size_t{1} << shape.log_message, size = size_t{1} << shape.log_codeword;
    const auto messages = random_fields(shape.width * message_size, shape.log_codeword);
    std::vector<Fp> expected;
    for (size_t c = 0; c < shape.width; ++c) {
      std::vector<Fp> column(messages.begin() + static_cast<ptrdiff_t>(c * message_size),
                             messages.begin() + static_cast<ptrdiff_t>((c + 1) * message_size));
      column.resize(size, Fp::zero());
      dft(std::span(column), shape.log_codeword);
      expected.insert(expected.end(), column.begin(), column.end());
    }
    for (const unsigned threads : {1u, 2u}) {
      const Context context = stages_test::context(threads);
      const size_t stride = size + 48;
      std::vector<Fp> apart(shape.width * stride, Fp::one()), in_place(expected.size(), Fp::one());
      stages::encode_columns(context, messages.data(), message_size, shape.width, shape.log_message,
                             shape.log_codeword, apart.data(), stride);
      for (size_t c = 0; c < shape.width; ++c) {
        for (size_t i = 0; i < message_size; ++i) in_place[c * size + i] = messages[c * message_size + i];
      }
      stages::encode_columns(context, in_place.data(), size, shape.width, shape.log_message,
                             shape.log_codeword, in_place.data(), size);
      EXPECT_EQ(in_place, expected);
      EXPECT_LE(context.meter->peak(),
                stages::encode_columns_bytes(shape.width, shape.log_message, shape.log_codeword, threads));
      // The same for the messages of blocks, one after the other: up to 16 values within a tile, and more.
      for (uint32_t l_skip = 0; l_skip <= std::min(shape.log_message, 5u); ++l_skip) {
        SCOPED_TRACE(l_skip);
        const Context context = stages_test::context(threads);
        std::vector<Fp> converted(messages.size()), of_blocks(apart.size(), Fp::one());
        stages::block_messages(context, messages.data(), converted.data(), messages.size(), l_skip);
        stages::encode_columns(context, converted.data(), message_size, shape.width, shape.log_message,
                               shape.log_codeword, in_place.data(), size);
        stages::encode_blocks(context, messages.data(), l_skip, shape.width, shape.log_message,
                              shape.log_codeword, of_blocks.data(), stride);
        for (size_t c = 0; c < shape.width; ++c) {
          for (size_t i = 0; i < stride; ++i) {
            ASSERT_EQ(of_blocks[c * stride + i], i < size ? in_place[c * size + i] : Fp::one())
                << c << ' ' << i;
          }
        }
        EXPECT_LE(context.meter->peak(), stages::encode_blocks_bytes(l_skip, shape.width, shape.log_message,
                                                                     shape.log_codeword, threads));
        EXPECT_EQ(context.meter->current(), 0u);
      }
      for (size_t c = 0; c < shape.width; ++c) {
        for (size_t i = 0; i < stride; ++i) {
          // What lies between columns stays as it is.
          ASSERT_EQ(apart[c * stride + i], i < size ? expected[c * size + i] : Fp::one()) << c << ' ' << i;
        }
      }
      EXPECT_EQ(context.meter->current(), 0u);
    }
  }
}
