// Encoding on the device: the worked values of protocol part 03, 7.3, and the plain DFT for one, two and
// three passes.
#include "gpu/encode.h"

#include "googletest.h"

#include "devices.h"
#include "poly/univariate.h"
#include "random_words.h"

using namespace openswirl;

namespace {

// Of blocks of values.
std::vector<Fp> message_of(std::span<const Fp> values, uint32_t l_skip) {
  std::vector<Fp> message(values.begin(), values.end());
  const size_t block = size_t{1} << l_skip;
  for (size_t start = 0; start < message.size(); start += block) {
    const auto of_block = std::span(message).subspan(start, block);
    inverse_dft(of_block, l_skip);
    for (size_t bit = 1; bit < block; bit *= 2) {
      for (size_t j = 0; j < block; ++j) {
        if (j & bit) of_block[j] += of_block[j ^ bit];
      }
    }
  }
  return message;
}

void expect_codewords(gpu::Work& work, const gpu::Array& out, std::span<const Fp> messages, size_t pitch,
                      uint32_t log_message, uint32_t log_codeword, size_t width) {
  const size_t message_size = size_t{1} << log_message, size = size_t{1} << log_codeword;
  const auto codewords = gpu_test::read(work, out.range());
  for (size_t c = 0; c < width; ++c) {
    const auto message = messages.subspan(c * pitch, message_size);
    std::vector<Fp> column(message.begin(), message.end());
    column.resize(size, Fp::zero());
    dft(std::span(column), log_codeword);
    for (size_t i = 0; i < size; ++i) {
      ASSERT_EQ(codewords[c * size + i], column[i].word())
          << "entry " << i << " of column " << c << ", 2^" << log_message << " to 2^" << log_codeword;
    }
  }
}

void expect_encoding(gpu::Work& work, uint32_t log_message, uint32_t log_codeword, size_t width) {
  const size_t pitch = (size_t{1} << log_message) + 4;  // columns need not touch
  const auto messages = stages_test::fields(width * pitch, log_codeword);
  const gpu::Array in = work.upload(std::span(messages), "messages");
  const gpu::Array out = work.words(width << log_codeword, "codewords");
  gpu::encode_columns(work, in.range(), pitch, width, log_message, log_codeword, out.range());
  expect_codewords(work, out, messages, pitch, log_message, log_codeword, width);
}

// Returns the number of dispatches.
uint64_t expect_encoded_values(gpu::Work& work, uint32_t l_skip, uint32_t log_height, uint32_t log_codeword,
                               size_t width) {
  const uint64_t before = work.recorder().activity().dispatches;
  const auto values = stages_test::fields(width << log_height, log_codeword);
  const gpu::Array in = work.upload(std::span(values), "values");
  const gpu::Array out = work.words(width << log_codeword, "codewords");
  gpu::encode_values(work, in.range(), width, log_height, l_skip, log_codeword, out.range());
  expect_codewords(work, out, message_of(values, l_skip), size_t{1} << log_height, log_height, log_codeword,
                   width);
  return work.recorder().activity().dispatches - before;
}

}  // namespace

TEST(GpuEncode, WorkedValues) {
  const uint32_t messages[4][8] = {
      {1, 2, 3, 4, 5, 0, 0, 0},
      {1006632962, 1, 1006632964, 3, 1006632963, 5, 0, 0},
      {1006632963, 1870835219, 2, 1, 1509949442, 1006632963, 1006632963, 5},
      {251658242, 1522633285, 1438734091, 85667034, 1509949443, 1723595498, 3, 1}};
  const uint32_t codewords[4][4] = {{15, 34835481, 1163775055, 1431783183},
                                    {1006632977, 1222796415, 1321753481, 759089369},
                                    {360885795, 161328897, 115165860, 1784787162},
                                    {492439834, 590103293, 327370164, 1976664575}};
  gpu_test::on_every_device([&](gpu::Work& work) {
    for (uint32_t l = 0; l < 4; ++l) {
      std::vector<Fp> column(8, Fp::zero());
      for (uint32_t i = 0; i < 5; ++i) column[i] = Fp::from_u32(i + 1);
      const gpu::Array values = work.upload(std::span<const Fp>(column), "values");
      const gpu::Array message = work.words(8, "message"), codeword = work.words(16, "codeword");
      gpu::block_messages(work, values.range(), 8, message.range(), 8, 1, 3, l);
      gpu::encode_columns(work, message.range(), 8, 1, 3, 4, codeword.range());
      const auto got_message = gpu_test::read(work, message.range());
      const auto got_codeword = gpu_test::read(work, codeword.range());
      for (size_t i = 0; i < 8; ++i) EXPECT_EQ(Fp::from_word(got_message[i]).canonical(), messages[l][i]);
      for (size_t i = 0; i < 4; ++i) EXPECT_EQ(Fp::from_word(got_codeword[i]).canonical(), codewords[l][i]);
    }
  });
}

TEST(GpuEncode, EqualsThePlainDft) {
  gpu_test::on_every_device([](gpu::Work& work) {
    expect_encoding(work, 0, 0, 2);
    expect_encoding(work, 0, 3, 1);
    expect_encoding(work, 3, 4, 3);
    expect_encoding(work, 11, 12, 2);
    expect_encoding(work, 12, 13, 2);
    expect_encoding(work, 13, 13, 1);
  });
}

TEST(GpuEncode, ThreePassesAndLargeBlowUps) {
  const gpu_test::Device device(gpu_test::schedules()[1]);
  gpu::Work work = device.work();
  expect_encoding(work, 18, 19, 1);
  expect_encoding(work, 5, 13, 2);  // a first pass of zeros nearly
  expect_encoding(work, 2, 13, 2);  // a blow-up beyond the first pass
  expect_encoding(work, 17, 18, 1);
}

TEST(GpuEncode, BlockMessagesOfEverySize) {
  const gpu_test::Device device(gpu_test::schedules()[2]);
  gpu::Work work = device.work();
  for (const uint32_t l_skip : {0u, 1u, 4u, 9u, 12u}) {
    const uint32_t log_height = 13;
    const size_t size = size_t{1} << log_height, width = 2;
    const auto values = stages_test::fields(width * size, l_skip);
    const gpu::Array in = work.upload(std::span(values), "values");
    const gpu::Array out = work.words(width * 2 * size, "messages");
    gpu::block_messages(work, in.range(), size, out.range().part(0, 4 * 3 * size), 2 * size, width,
                        log_height, l_skip);
    const std::vector<Fp> expected = message_of(values, l_skip);
    for (size_t c = 0; c < width; ++c) {
      const auto messages = gpu_test::read(work, out.words(2 * c * size, size));
      for (size_t j = 0; j < size; ++j) ASSERT_EQ(messages[j], expected[c * size + j].word()) << l_skip;
    }
  }
}

TEST(GpuEncode, ValuesBecomeMessagesInTheFirstPass) {
  gpu_test::on_every_device([](gpu::Work& work) {
    EXPECT_EQ(expect_encoded_values(work, 4, 12, 13, 2), 2u);
    EXPECT_EQ(expect_encoded_values(work, 4, 13, 13, 1), 2u);
    EXPECT_EQ(expect_encoded_values(work, 4, 7, 13, 1), 2u);  // two elements and zeros
  });
  const gpu_test::Device device(gpu_test::schedules()[1]);
  gpu::Work work = device.work();
  EXPECT_EQ(expect_encoded_values(work, 4, 12, 16, 1), 2u);
  EXPECT_EQ(expect_encoded_values(work, 4, 18, 19, 1), 3u);
}

TEST(GpuEncode, ValuesThatTheFirstPassCannotRead) {
  const gpu_test::Device device(gpu_test::schedules()[2]);
  gpu::Work work = device.work();
  EXPECT_EQ(expect_encoded_values(work, 3, 12, 13, 2), 3u);
  EXPECT_EQ(expect_encoded_values(work, 4, 9, 10, 2), 2u);   // one pass
  EXPECT_EQ(expect_encoded_values(work, 4, 16, 17, 1), 3u);  // half a block in a tile
  EXPECT_EQ(expect_encoded_values(work, 4, 4, 15, 1), 3u);   // zeros beyond the first pass
}
