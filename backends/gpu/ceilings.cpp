#include "gpu/ceilings.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <limits>

#include "gpu/elements.h"
#include "stages/ceilings.h"

namespace openswirl::gpu {
namespace {

constexpr uint32_t kRounds = 1 << 11;  // of a chain
constexpr uint32_t kChains = 8;        // of a thread: RATES_CHAINS of the kernels
constexpr uint64_t kWaves = 4;         // of the threads that fill the device
constexpr uint64_t kBytes = uint64_t{1} << 30;
constexpr int kRuns = 6, kLaunches = 200;

// Seconds between two marks around what is recorded, the best of several runs.
double seconds(Work& work, const std::function<void()>& record) {
  double best = std::numeric_limits<double>::infinity();
  for (int run = 0; run < kRuns; ++run) {
    const size_t begin = work.recorder().mark();
    record();
    const size_t end = work.recorder().mark();
    const std::vector<double> marks = work.wait();
    best = std::min(best, marks[end] - marks[begin]);
  }
  return best;
}

// The chains of thread 0, as the kernels begin them.
std::array<Fp, kChains> first_chains() {
  std::array<Fp, kChains> x;
  for (uint32_t i = 0; i < kChains; ++i) x[i] = Fp::from_word(i + 1);
  return x;
}

Fp sum_of(const std::array<Fp, kChains>& x) {
  Fp sum = Fp::zero();
  for (const Fp value : x) sum += value;
  return sum;
}

class Rates {
 public:
  explicit Rates(Work& work)
      : work_(work),
        threads_(kWaves * work.device().tuning_threads),
        sums_(work.words(threads_, "rates")),
        factor_(Fp::from_u32(123456789)) {
    const uint32_t value = factor_.canonical();
    args_ = {kRounds, value, static_cast<uint32_t>((uint64_t{value} << 32) / Fp::kModulus), factor_.word()};
  }

  // Operations a second, if a thread does so many a round; `expected` is what thread 0 must have in the end.
  template <class Kernel>
  double rate(const char* what, double per_round, Fp expected) {
    const Call call = Kernel{sums_.range(), args_}.call();
    const double taken = seconds(work_, [&] { work_.recorder().threads(call, threads_); });
    Fp first;
    work_.recorder().download(sums_.words(0, 1), std::as_writable_bytes(std::span(&first, 1)));
    work_.wait();
    if (first != expected) {
      throw Error(FailureKind::kDevice,
                  std::string("measuring ") + what + ": the device computes a wrong result; do not use it");
    }
    return per_round * kRounds * static_cast<double>(threads_) / taken;
  }

  double multiplications() {
    auto x = first_chains();
    for (uint32_t round = 0; round < kRounds; ++round) {
      for (Fp& value : x) value *= factor_;
    }
    return rate<calls::RatesMultiply>("multiplications", kChains, sum_of(x));
  }
  double additions() {
    auto x = first_chains();
    for (uint32_t round = 0; round < kRounds; ++round) {
      for (Fp& value : x) value += factor_;
    }
    return rate<calls::RatesAdd>("additions", kChains, sum_of(x));
  }
  double butterflies() {
    auto x = first_chains();
    for (uint32_t round = 0; round < kRounds; ++round) {
      for (uint32_t i = 0; i < kChains; i += 2) {
        const Fp a = x[i], c = x[i + 1] * factor_;
        x[i] = a + c, x[i + 1] = a - c;
      }
    }
    return rate<calls::RatesButterfly>("butterflies", kChains / 2, sum_of(x));
  }
  double multiply_accumulates() {
    const Ext a(factor_, Fp::from_word(args_.value), Fp::one(), Fp::from_word(kRounds));
    auto x = first_chains();
    Ext sum = Ext::zero();
    for (uint32_t round = 0; round < kRounds; ++round) {
      for (Fp& value : x) {
        sum += a * value;
        value = Fp::from_word(value.word() + 1);
      }
    }
    return rate<calls::RatesAccumulate>("multiply-accumulates", 4 * kChains,
                                        sum.c[0] + sum.c[1] + (sum.c[2] + sum.c[3]));
  }
  double ext_multiplications() {
    const auto x = first_chains();
    Ext low(x[0], x[1], x[2], x[3]), high(x[4], x[5], x[6], x[7]);
    const Ext factor(factor_, x[0], x[1], x[2]);
    for (uint32_t round = 0; round < kRounds; ++round) low *= factor, high *= factor;
    Fp sum = Fp::zero();
    for (size_t i = 0; i < 4; ++i) sum += low.c[i] + high.c[i];
    return rate<calls::RatesExtMultiply>("extension multiplications", 2, sum);
  }

  double permutations() {
    const Array states = work_.words(16 * threads_, "rates");
    work_.recorder().fill(states.range(), 1);
    const Call call = calls::FieldPermute{states.range(), {u32_of(threads_)}}.call();
    return static_cast<double>(threads_) / seconds(work_, [&] { work_.recorder().threads(call, threads_); });
  }
  double copied_bytes() {
    const Array from = work_.words(kBytes / 8, "rates"), to = work_.words(kBytes / 8, "rates");
    work_.recorder().fill(from.range(), 1);
    return kBytes / seconds(work_, [&] { work_.recorder().copy(from.range(), to.range()); });
  }
  double read_bytes() {
    const Array words = work_.words(kBytes / 4, "rates");
    work_.recorder().fill(words.range(), 1);
    const RatesReadArgs args{u32_of(kBytes / 16), u32_of(threads_)};
    const Call call = calls::RatesRead{words.range(), sums_.range(), args}.call();
    return kBytes / seconds(work_, [&] { work_.recorder().threads(call, threads_); });
  }
  // A kernel of one group with next to nothing to do, among many.
  double launch() {
    RatesArgs nothing = args_;
    nothing.rounds = 0;
    const Call call = calls::RatesAdd{sums_.range(), nothing}.call();
    return seconds(work_,
                   [&] {
                     for (int i = 0; i < kLaunches; ++i) work_.recorder().threads(call, 1);
                   }) /
           kLaunches;
  }
  // The same with a word for the host, by the host's clock.
  double wait() {
    RatesArgs nothing = args_;
    nothing.rounds = 0;
    const Call call = calls::RatesAdd{sums_.range(), nothing}.call();
    double best = std::numeric_limits<double>::infinity();
    for (int i = 0; i < kLaunches; ++i) {
      Fp word;
      const auto begin = std::chrono::steady_clock::now();
      work_.recorder().threads(call, 1);
      work_.recorder().download(sums_.words(0, 1), std::as_writable_bytes(std::span(&word, 1)));
      work_.wait();
      best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    }
    return best;
  }

 private:
  Work& work_;
  uint64_t threads_;
  Array sums_;
  Fp factor_;
  RatesArgs args_{};
};

}  // namespace

Ceilings measure_ceilings(Work& work) {
  Rates rates(work);
  Ceilings result;
  result.multiplications = rates.multiplications();
  result.butterflies = rates.butterflies();
  result.additions = rates.additions();
  result.multiply_accumulates = rates.multiply_accumulates();
  result.ext_multiplications = rates.ext_multiplications();
  result.permutations = rates.permutations();
  // The transcript is the host's.
  result.permutation_s = stages::measure_permutation(work.context());
  result.copy_bytes = rates.copied_bytes();
  result.read_bytes = rates.read_bytes();
  result.launch_s = rates.launch();
  result.wait_s = rates.wait();
  return result;
}

}  // namespace openswirl::gpu
