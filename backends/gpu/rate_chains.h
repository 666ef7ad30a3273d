// The chains of operations in metal/kernels/rates.metal, as the host computes them.
#pragma once

#include <array>

#include "field/ext.h"
#include "gpu/kernels.h"

namespace openswirl::gpu {

class RateChains {
 public:
  static constexpr uint32_t kChains = 8;  // of a thread: RATES_CHAINS of the kernels

  explicit RateChains(uint32_t rounds) : factor_(Fp::from_u32(123456789)) {
    const uint32_t value = factor_.canonical();
    args_ = {rounds, value, static_cast<uint32_t>((uint64_t{value} << 32) / Fp::kModulus), factor_.word()};
  }
  const RatesArgs& args() const { return args_; }

  // What thread 0 of each kernel leaves.
  Fp multiplied() const {
    auto x = first();
    for (uint32_t round = 0; round < args_.rounds; ++round) {
      for (Fp& value : x) value *= factor_;
    }
    return sum_of(x);
  }
  Fp added() const {
    auto x = first();
    for (uint32_t round = 0; round < args_.rounds; ++round) {
      for (Fp& value : x) value += factor_;
    }
    return sum_of(x);
  }
  Fp butterflies() const {
    auto x = first();
    for (uint32_t round = 0; round < args_.rounds; ++round) {
      for (uint32_t i = 0; i < kChains; i += 2) {
        const Fp a = x[i], c = x[i + 1] * factor_;
        x[i] = a + c, x[i + 1] = a - c;
      }
    }
    return sum_of(x);
  }
  Fp accumulated() const {
    const Ext a(factor_, Fp::from_word(args_.value), Fp::one(), Fp::from_word(args_.rounds));
    auto x = first();
    Ext sum = Ext::zero();
    for (uint32_t round = 0; round < args_.rounds; ++round) {
      for (Fp& value : x) {
        sum += a * value;
        value = Fp::from_word(value.word() + 1);
      }
    }
    return sum.c[0] + sum.c[1] + (sum.c[2] + sum.c[3]);
  }
  Fp ext_multiplied() const {
    const auto x = first();
    Ext low(x[0], x[1], x[2], x[3]), high(x[4], x[5], x[6], x[7]);
    const Ext factor(factor_, x[0], x[1], x[2]);
    for (uint32_t round = 0; round < args_.rounds; ++round) low *= factor, high *= factor;
    Fp sum = Fp::zero();
    for (size_t i = 0; i < 4; ++i) sum += low.c[i] + high.c[i];
    return sum;
  }

 private:
  static std::array<Fp, kChains> first() {
    std::array<Fp, kChains> x;
    for (uint32_t i = 0; i < kChains; ++i) x[i] = Fp::from_word(i + 1);
    return x;
  }
  static Fp sum_of(const std::array<Fp, kChains>& x) {
    Fp sum = Fp::zero();
    for (const Fp value : x) sum += value;
    return sum;
  }

  Fp factor_;
  RatesArgs args_{};
};

}  // namespace openswirl::gpu
