#include "stages/grind.h"

#include <algorithm>
#include <atomic>

#include "openswirl/failure.h"
#include "stages/kernels.h"
#include "stages/words.h"

namespace openswirl::stages {
namespace {

constexpr uint32_t kChunk = 1024;            // candidates that one thread takes at a time
constexpr uint32_t kFirstWave = 256;         // tested without waking other threads: small searches end here
constexpr uint32_t kLargestWave = 1u << 22;  // bounds the ranges handed out after a hit

}  // namespace

Fp grind(const Context& context, const GrindPoint& point, uint32_t bits) {
  const HashingKernels& kernels = stages::kernels().hashing;
  const uint32_t mask = (1u << bits) - 1;
  // Chunks are taken in ascending order, so every chunk below a hit is tested to its end or to its own hit,
  // and the minimum over the wave is the smallest witness.
  uint32_t wave = kFirstWave;
  for (uint32_t start = 0; start < Fp::kModulus;) {
    const uint32_t count = std::min(wave, Fp::kModulus - start);
    std::atomic<uint32_t> best{Fp::kModulus};
    context.parallel_for(count, kChunk, [&](size_t begin, size_t end) {
      const auto first = start + static_cast<uint32_t>(begin), last = start + static_cast<uint32_t>(end);
      if (first > best.load(std::memory_order_relaxed)) return;
      const uint32_t found = kernels.grind(words(point.state.data()), point.position, mask, first, last);
      if (found == last) return;
      uint32_t known = best.load(std::memory_order_relaxed);
      while (found < known && !best.compare_exchange_weak(known, found, std::memory_order_relaxed)) {
      }
    });
    if (best != Fp::kModulus) return Fp::from_u32(best);
    start += count;
    wave = std::min(wave * 4, kLargestWave);
  }
  throw Error(FailureKind::kInternal, "no proof-of-work witness exists for this transcript");
}

}  // namespace openswirl::stages
