#include "gpu/ceilings.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <limits>

#include "gpu/elements.h"
#include "gpu/rate_chains.h"
#include "stages/ceilings.h"

namespace openswirl::gpu {
namespace {

constexpr uint32_t kRounds = 1 << 11;  // of a chain
constexpr uint32_t kChains = RateChains::kChains;
constexpr uint64_t kWaves = 4;  // of the threads that fill the device
constexpr uint64_t kBytes = uint64_t{1} << 30;
constexpr int kRateRuns = 6, kLaunches = 200;

// Seconds between two marks around what is recorded, the best of several runs.
double seconds(Work& work, const std::function<void()>& record) {
  double best = std::numeric_limits<double>::infinity();
  for (int run = 0; run < kRateRuns; ++run) {
    const size_t begin = work.recorder().mark();
    record();
    const size_t end = work.recorder().mark();
    const std::vector<double> marks = work.wait();
    best = std::min(best, marks[end] - marks[begin]);
  }
  return best;
}

class Rates {
 public:
  explicit Rates(Work& work)
      : work_(work), threads_(kWaves * work.device().tuning_threads), sums_(work.words(threads_, "rates")) {}

  // Operations a second, if a thread does so many a round; `expected` is what thread 0 must have in the end.
  template <class Kernel>
  double rate(const char* what, double per_round, Fp expected) {
    const Call call = Kernel{sums_.range(), chains_.args()}.call();
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
    return rate<calls::RatesMultiply>("multiplications", kChains, chains_.multiplied());
  }
  double additions() { return rate<calls::RatesAdd>("additions", kChains, chains_.added()); }
  double butterflies() {
    return rate<calls::RatesButterfly>("butterflies", kChains / 2, chains_.butterflies());
  }
  double multiply_accumulates() {
    return rate<calls::RatesAccumulate>("multiply-accumulates", 4 * kChains, chains_.accumulated());
  }
  double ext_multiplications() {
    return rate<calls::RatesExtMultiply>("extension multiplications", 2, chains_.ext_multiplied());
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
    RatesArgs nothing = chains_.args();
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
    RatesArgs nothing = chains_.args();
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
  const RateChains chains_{kRounds};
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
