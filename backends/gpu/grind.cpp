#include "gpu/grind.h"

#include <algorithm>

namespace openswirl::gpu {
namespace {

constexpr uint32_t kNone = 0xffffffff;
// A wave of 2^(bits + 3) candidates misses once in three thousand searches; groups behind a hit end at once.
constexpr uint32_t kLogWaves = 3;
constexpr uint64_t kLargestWave = uint64_t{1} << 26;

}  // namespace

Fp grind(Work& work, const GrindPoint& point, uint32_t bits) {
  GrindArgs args{};
  for (size_t i = 0; i < point.state.size(); ++i) args.state[i] = point.state[i].word();
  args.position = point.position;
  args.mask = (1u << bits) - 1;
  const Array smallest = work.words(4, "proof-of-work witness");
  // A plan has the trials that are expected.
  const uint32_t log_waves = work.device().executes ? kLogWaves : 0;
  const uint64_t wave = std::min(uint64_t{1} << (bits + log_waves), kLargestWave);
  for (uint64_t first = 0; first < Fp::kModulus; first += wave) {
    args.first = static_cast<uint32_t>(first);
    args.count = static_cast<uint32_t>(std::min<uint64_t>(wave, Fp::kModulus - first));
    work.recorder().fill(smallest.range(), kNone);
    work.recorder().threads(calls::Grind{smallest.words(0, 1), args}.call(), args.count);
    uint32_t found = kNone;
    work.recorder().download(smallest.words(0, 1), std::as_writable_bytes(std::span(&found, 1)));
    work.wait();
    if (found != kNone) return Fp::from_u32(found);
    if (!work.device().executes) return Fp::zero();
  }
  throw Error(FailureKind::kInternal, "no proof-of-work witness exists for this transcript");
}

}  // namespace openswirl::gpu
