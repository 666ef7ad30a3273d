#include "stages/ceilings.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "hash/poseidon2.h"
#include "openswirl/failure.h"
#include "stages/kernels.h"
#include "stages/words.h"

namespace openswirl::stages {
namespace {

using Words = std::vector<uint32_t>;

constexpr double kRunSeconds = 0.008;  // one timed run: long enough for the clock and the threads to settle
constexpr int kRuns = 8;
constexpr size_t kRounds = 8192;  // of a chain of operations before its result is looked at

// Words below p that look random.
Words sample(size_t count, uint64_t seed) {
  Words result(count);
  for (uint32_t& word : result) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    word = static_cast<uint32_t>((seed >> 33) % Fp::kModulus);
  }
  return result;
}

double seconds(const std::function<void()>& body) {
  const auto start = std::chrono::steady_clock::now();
  body();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void expect(bool passed, const char* what) {
  if (passed) return;
  throw Error(FailureKind::kDevice, std::string("[cpu] measuring ") + what + ": the " + kernels().name +
                                        " kernels and the scalar ones differ; run doctor on this device");
}

// A loop whose speed is a ceiling: `run` gives its result, `operations` is what one run counts as.
struct Loop {
  const char* what;
  double operations;
  std::function<Words(const Kernels&)> run;
};

// Operations a second of all threads together, each running the loop on data of its own.
double rate(const Context& context, const Loop& loop) {
  const Words expected = loop.run(kernels_named("scalar"));
  const size_t threads = context.pool->size();
  std::vector<Words> results(threads);
  const auto run = [&](size_t repeats) {
    return seconds([&] {
      context.parallel_for(threads, 1, [&](size_t begin, size_t end) {
        for (size_t thread = begin; thread < end; ++thread) {
          for (size_t i = 0; i < repeats; ++i) results[thread] = loop.run(kernels());
        }
      });
    });
  };
  size_t repeats = 1;
  while (run(repeats) < kRunSeconds) repeats *= 2;
  double best = run(repeats);
  for (int i = 1; i < kRuns; ++i) best = std::min(best, run(repeats));
  for (const Words& result : results) expect(result == expected, loop.what);
  return loop.operations * static_cast<double>(threads * repeats) / best;
}

// A chain of kRounds rounds on kArithmeticWords words.
template <class Chain>
double chain_rate(const Context& context, const char* what, double operations, Chain chain) {
  const Words start = sample(kArithmeticWords, 1);
  return rate(context, {what, operations * kRounds, [&](const Kernels& kernels) {
                          Words words = start;
                          chain(kernels.arithmetic, words.data());
                          return words;
                        }});
}

double mac_rate(const Context& context) {
  const Words matrix = sample(kMacRows * kMacColumns, 2), coefficients = sample(4 * kMacColumns, 3);
  constexpr size_t kPasses = 256;
  return rate(context,
              {"multiply-accumulates", 4.0 * kMacRows * kMacColumns * kPasses, [&](const Kernels& kernels) {
                 Words sums(4 * kMacRows);
                 kernels.arithmetic.multiply_accumulate(matrix.data(), coefficients.data(), sums.data(),
                                                        kPasses);
                 return sums;
               }});
}

// The better of grinding, which touches no memory, and of hashing rows that lie in the second-level cache.
double permutation_rate(const Context& context) {
  const Words state = sample(kStateWidth, 4), matrix = sample(kRate * 1024, 5);
  const double grinding =
      rate(context, {"proof of work", 4096, [&](const Kernels& kernels) {
                       // All bits of the sample must vanish: as good as never.
                       return Words{kernels.hashing.grind(state.data(), 3, 0x7fffffffu, 0, 4096)};
                     }});
  const double hashing = rate(context, {"hashing", 1024, [&](const Kernels& kernels) {
                                          Words digests(kDigestWidth * 1024);
                                          kernels.hashing.query_digests(matrix.data(), 1024, kRate, 1, 1024,
                                                                        0, 1024, digests.data());
                                          return digests;
                                        }});
  return std::max(grinding, hashing);
}

// Bytes that no cache holds, as far as the system tells its caches.
size_t bandwidth_bytes() {
  constexpr size_t kLeast = size_t{64} << 20, kMost = size_t{512} << 20;
  size_t cache = 0;
#ifdef _SC_LEVEL3_CACHE_SIZE
  const long size = sysconf(_SC_LEVEL3_CACHE_SIZE);
  if (size > 0) cache = static_cast<size_t>(size);
#endif
  return std::clamp(2 * cache, kLeast, kMost);
}

struct Bandwidth {
  double copy, read;
};

Bandwidth bandwidth(const Context& context) {
  constexpr size_t kBlock = size_t{1} << 20;  // words that a thread takes at a time
  const size_t blocks = bandwidth_bytes() / (sizeof(uint32_t) * kBlock) / 2 * 2, half = blocks / 2;
  const Words block = sample(kBlock, 7);
  auto buffer = context.buffer<uint32_t>(blocks * kBlock, "bandwidth measurement");
  uint32_t* data = buffer.data();
  // The upper half gets the same from the first copy.
  context.parallel_for(half, 1, [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) std::copy(block.begin(), block.end(), data + i * kBlock);
  });

  std::vector<uint32_t> sums(blocks);
  double copying = 0, reading = 0;
  for (int i = 0; i < kRuns / 2; ++i) {
    const double copied = seconds([&] {
      context.parallel_for(half, 1, [&](size_t begin, size_t end) {
        for (size_t b = begin; b < end; ++b)
          std::memcpy(data + (half + b) * kBlock, data + b * kBlock, kBlock * sizeof(uint32_t));
      });
    });
    const double read = seconds([&] {
      context.parallel_for(blocks, 1, [&](size_t begin, size_t end) {
        for (size_t b = begin; b < end; ++b) sums[b] = kernels().arithmetic.sum(data + b * kBlock, kBlock);
      });
    });
    if (i == 0 || copied < copying) copying = copied;
    if (i == 0 || read < reading) reading = read;
  }
  const uint32_t expected = kernels_named("scalar").arithmetic.sum(block.data(), kBlock);
  expect(std::all_of(sums.begin(), sums.end(), [&](uint32_t sum) { return sum == expected; }), "bandwidth");
  const auto bytes = static_cast<double>(blocks * kBlock * sizeof(uint32_t));
  return {bytes / copying, bytes / reading};
}

}  // namespace

double measure_permutation(const Context& context) {
  constexpr size_t kChain = 512;
  const Words start = sample(kStateWidth, 6);
  SpongeState state;
  double best = 0;
  for (int i = 0; i < kRuns; ++i) {
    context.cancel->poll();
    for (size_t j = 0; j < kStateWidth; ++j) state[j] = Fp::from_word(start[j]);
    const double run = seconds([&] {
      for (size_t j = 0; j < kChain; ++j) poseidon2_permute(state);
    });
    if (i == 0 || run < best) best = run;
  }
  SpongeState expected;
  for (size_t j = 0; j < kStateWidth; ++j) expected[j] = Fp::from_word(start[j]);
  for (size_t j = 0; j < kChain; ++j) poseidon2_permute_plainly(expected);
  expect(state == expected, "a chain of permutations");
  return best / kChain;
}

Ceilings measure_ceilings(const Context& context) {
  const uint32_t operand = sample(1, 8)[0];
  constexpr auto kWords = static_cast<double>(kArithmeticWords);
  using Table = const ArithmeticKernels&;
  Ceilings result;
  result.multiplications = chain_rate(context, "multiplications", kWords, [&](Table table, uint32_t* words) {
    table.multiply(words, operand, kRounds);
  });
  result.additions = chain_rate(context, "additions", kWords,
                                [&](Table table, uint32_t* words) { table.add(words, operand, kRounds); });
  result.butterflies = chain_rate(context, "butterflies", kWords / 2, [&](Table table, uint32_t* words) {
    table.butterflies(words, operand, kRounds);
  });
  // Four products of every fourth of the entries, which are four words each.
  result.ext_multiplications =
      chain_rate(context, "extension multiplications", kWords / 4,
                 [&](Table table, uint32_t* words) { table.multiply_ext(words, kRounds); });
  result.multiply_accumulates = mac_rate(context);
  result.permutations = permutation_rate(context);
  result.permutation_s = measure_permutation(context);
  const Bandwidth memory = bandwidth(context);
  result.copy_bytes = memory.copy, result.read_bytes = memory.read;
  return result;
}

}  // namespace openswirl::stages
