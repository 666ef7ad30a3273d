// The arithmetic of the kernels against that of the host, and the constants of both.
#include "googletest.h"

#include "devices.h"
#include "field/ext.h"
#include "hash/poseidon2.h"
#include "random_words.h"

using namespace openswirl;

TEST(GpuField, BaseKnownAnswers) {
  gpu_test::on_every_device([](gpu::Work& work) {
    const uint32_t count = 201;
    const auto pairs = stages_test::words(2 * count, 1);
    std::vector<uint32_t> factors;
    for (uint32_t i = 0; i < count; ++i) {
      const uint32_t value = Fp::from_word(pairs[2 * i + 1]).canonical();
      factors.push_back(value);
      factors.push_back(static_cast<uint32_t>((uint64_t{value} << 32) / Fp::kModulus));
    }
    const gpu::Array in = work.upload(std::span(pairs), "pairs"),
                     known = work.upload(std::span<const uint32_t>(factors), "factors");
    const gpu::Array out = work.words(8 * count, "results");
    work.recorder().threads(gpu::calls::FieldBase{in.range(), known.range(), out.range(), {count}}.call(),
                            count);
    const auto results = gpu_test::read(work, out.range());
    for (uint32_t i = 0; i < count; ++i) {
      const Fp a = Fp::from_word(pairs[2 * i]), b = Fp::from_word(pairs[2 * i + 1]);
      const uint32_t* r = results.data() + 8 * i;
      EXPECT_EQ(r[0], (a + b).word());
      EXPECT_EQ(r[1], (a - b).word());
      EXPECT_EQ(r[2], (a * b).word());
      EXPECT_EQ(r[3], a.halve().word());
      EXPECT_EQ(r[4], (a * b).word());
      EXPECT_EQ(r[5], a.pow(7).word());
      EXPECT_EQ(r[6], a.canonical());
      EXPECT_EQ(r[7], a.word());
    }
  });
}

TEST(GpuField, ExtensionKnownAnswers) {
  gpu_test::on_every_device([](gpu::Work& work) {
    const uint32_t count = 77;
    const auto pairs = stages_test::words(8 * count, 2);
    const gpu::Array in = work.upload(std::span(pairs), "pairs"), out = work.words(16 * count, "results");
    work.recorder().threads(gpu::calls::FieldExt{in.range(), out.range(), {count}}.call(), count);
    const auto results = gpu_test::read(work, out.range());
    for (uint32_t i = 0; i < count; ++i) {
      const Ext a = stages_test::ext(&pairs[8 * i]), b = stages_test::ext(&pairs[8 * i + 4]);
      EXPECT_TRUE(stages_test::ext(&results[16 * i]) == a + b);
      EXPECT_TRUE(stages_test::ext(&results[16 * i + 4]) == a - b);
      EXPECT_TRUE(stages_test::ext(&results[16 * i + 8]) == a * b);
      EXPECT_TRUE(stages_test::ext(&results[16 * i + 12]) == a * b.c[0]);
    }
  });
}

TEST(GpuField, PermutationEqualsTheHosts) {
  gpu_test::on_every_device([](gpu::Work& work) {
    const uint32_t count = 67;
    const auto words = stages_test::words(16 * count, 3);
    const gpu::Array states = work.upload(std::span(words), "states");
    work.recorder().threads(gpu::calls::FieldPermute{states.range(), {count}}.call(), count);
    const auto results = gpu_test::read(work, states.range());
    for (uint32_t i = 0; i < count; ++i) {
      SpongeState state;
      for (size_t j = 0; j < 16; ++j) state[j] = Fp::from_word(words[16 * i + j]);
      poseidon2_permute(state);
      for (size_t j = 0; j < 16; ++j) ASSERT_EQ(results[16 * i + j], state[j].word());
    }
  });
}
