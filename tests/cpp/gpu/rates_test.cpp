// The loops that ceilings are measured with, against plain arithmetic.
#include "devices.h"
#include "field/ext.h"
#include "googletest.h"
#include "gpu/kernels.h"

using namespace openswirl;

namespace {

constexpr uint32_t kRounds = 5, kThreads = 256;  // a group

template <class Kernel>
std::vector<uint32_t> run(gpu::Work& work, const gpu::RatesArgs& args) {
  const gpu::Array sums = work.words(kThreads, "sums");
  work.recorder().threads(Kernel{sums.range(), args}.call(), kThreads);
  return gpu_test::read(work, sums.range());
}

}  // namespace

TEST(GpuRates, ChainsComputeWhatTheySay) {
  const Fp factor = Fp::from_u32(987654321);
  const uint32_t value = factor.canonical();
  const gpu::RatesArgs args{kRounds, value, static_cast<uint32_t>((uint64_t{value} << 32) / Fp::kModulus),
                            factor.word()};
  gpu_test::on_every_device([&](gpu::Work& work) {
    const auto multiplied = run<gpu::calls::RatesMultiply>(work, args),
               added = run<gpu::calls::RatesAdd>(work, args),
               butterflies = run<gpu::calls::RatesButterfly>(work, args),
               accumulated = run<gpu::calls::RatesAccumulate>(work, args),
               ext = run<gpu::calls::RatesExtMultiply>(work, args);
    for (uint32_t t = 0; t < kThreads; ++t) {
      std::vector<Fp> x, pairs;
      for (uint32_t i = 0; i < 8; ++i) x.push_back(Fp::from_word(8 * t + i + 1));
      pairs = x;
      const Ext base(factor, Fp::from_word(value), Fp::one(), Fp::from_word(kRounds));
      Fp product = Fp::zero(), sum = Fp::zero();
      Ext total = Ext::zero();
      for (const Fp start : x) {
        product += start * factor.pow(kRounds);
        sum += start + factor * Fp::from_u32(kRounds);
        for (uint32_t round = 0; round < kRounds; ++round)
          total += base * Fp::from_word(start.word() + round);
      }
      for (uint32_t round = 0; round < kRounds; ++round) {
        for (size_t i = 0; i < 8; i += 2) {
          const Fp a = pairs[i], c = pairs[i + 1] * factor;
          pairs[i] = a + c, pairs[i + 1] = a - c;
        }
      }
      Fp pair_sum = Fp::zero();
      for (const Fp each : pairs) pair_sum += each;
      Ext low(x[0], x[1], x[2], x[3]), high(x[4], x[5], x[6], x[7]);
      const Ext by(factor, x[0], x[1], x[2]);
      for (uint32_t round = 0; round < kRounds; ++round) low *= by, high *= by;
      ASSERT_EQ(multiplied[t], product.word());
      ASSERT_EQ(added[t], sum.word());
      ASSERT_EQ(butterflies[t], pair_sum.word());
      ASSERT_EQ(accumulated[t], (total.c[0] + total.c[1] + total.c[2] + total.c[3]).word());
      Fp ext_sum = Fp::zero();
      for (size_t i = 0; i < 4; ++i) ext_sum += low.c[i] + high.c[i];
      ASSERT_EQ(ext[t], ext_sum.word());
    }
  });
}

TEST(GpuRates, ReadsEveryWordOnce) {
  gpu_test::on_every_device([](gpu::Work& work) {
    constexpr uint32_t kQuads = 700;
    std::vector<uint32_t> words;
    for (uint32_t i = 0; i < 4 * kQuads; ++i) words.push_back(i * i);
    const gpu::Array in = work.upload(std::span<const uint32_t>(words), "words"),
                     sums = work.words(kThreads, "sums");
    work.recorder().threads(gpu::calls::RatesRead{in.range(), sums.range(), {kQuads, kThreads}}.call(),
                            kThreads);
    uint32_t sum = 0, expected = 0;
    for (const uint32_t each : gpu_test::read(work, sums.range())) sum += each;
    for (const uint32_t each : words) expected += each;
    EXPECT_EQ(sum, expected);
  });
}
