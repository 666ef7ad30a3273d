#include "gpu/engine.h"

#include <chrono>
#include <cstdlib>

#include "field/two_adic.h"
#include "gpu/encode.h"
#include "gpu/tuning.h"
#include "runtime/cached_files.h"
#include "runtime/environment.h"

namespace openswirl::gpu {
namespace {

constexpr unsigned kLogLowPowers = 13;

std::vector<uint32_t> root_factors() {
  std::vector<uint32_t> words;
  for (const Fp root : powers(two_adic_generator(kLogNttTile), size_t{1} << (kLogNttTile - 1))) {
    const uint32_t value = root.canonical();
    words.push_back(value);
    words.push_back(static_cast<uint32_t>((uint64_t{value} << 32) / Fp::kModulus));
  }
  return words;
}

std::vector<Fp> generator_powers() {
  const Fp g = two_adic_generator(Fp::kTwoAdicity);
  std::vector<Fp> result = powers(g, size_t{1} << kLogLowPowers);
  const std::vector<Fp> high =
      powers(g.pow(uint64_t{1} << kLogLowPowers), size_t{1} << (Fp::kTwoAdicity - kLogLowPowers));
  result.insert(result.end(), high.begin(), high.end());
  return result;
}

double steady_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

Generated generated_from_environment() {
  const char* value = std::getenv("OPENSWIRL_GENERATED");
  if (!value) return Generated::kOn;
  const std::string_view mode = value;
  if (mode == "off") return Generated::kOff;
  if (mode == "on") return Generated::kOn;
  if (mode == "wait") return Generated::kWait;
  if (mode == "all") return Generated::kAll;
  throw Error(FailureKind::kInput,
              "OPENSWIRL_GENERATED is '" + std::string(mode) + "'; it must be off, on, wait or all");
}

TuningMode tuning_from_environment() {
  const char* value = std::getenv("OPENSWIRL_TUNING");
  if (!value) return TuningMode::kOn;
  const std::string_view mode = value;
  if (mode == "off") return TuningMode::kOff;
  if (mode == "on") return TuningMode::kOn;
  if (mode == "again") return TuningMode::kAgain;
  throw Error(FailureKind::kInput,
              "OPENSWIRL_TUNING is '" + std::string(mode) + "'; it must be off, on or again");
}

}  // namespace

std::vector<double> Work::noted(const std::function<std::vector<double>()>& wait) {
  const double begin = steady_now();
  std::vector<double> marks = wait();
  const DeviceWork& done = recorder_.finished();
  context_.spans->note_device({done.dispatches - noted_.dispatches, done.submissions - noted_.submissions,
                               done.waits - noted_.waits, done.bytes_touched - noted_.bytes_touched,
                               done.bytes_uploaded - noted_.bytes_uploaded,
                               done.bytes_downloaded - noted_.bytes_downloaded});
  noted_ = done;
  for (const Recorder::Timed& kernel : recorder_.timed()) {
    context_.spans->add("kernel." + kernel.symbol, kernel.begin, kernel.end, true);
  }
  // What the host waited for: between these spans it works.
  if (recorder_.times_kernels()) context_.spans->add("wait", begin, steady_now(), false);
  return marks;
}

std::vector<double> Work::wait() {
  return noted([&] { return recorder_.wait(context_); });
}

std::vector<double> Work::wait_until(uint64_t submitted) {
  return noted([&] { return recorder_.wait_until(submitted, context_); });
}

std::shared_ptr<Engine> make_engine(std::shared_ptr<Runtime> runtime) {
  auto engine = std::make_shared<Engine>();
  engine->host_tail = switched_on("OPENSWIRL_HOST_TAIL");
  engine->host_search = switched_on("OPENSWIRL_HOST_SEARCH");
  engine->generated = generated_from_environment();
  const TuningMode tuning = tuning_from_environment();
  engine->runtime = runtime;
  engine->pool = std::make_shared<Pool>(std::move(runtime));
  // Of no proof: charged to nobody's limit.
  Work work(engine, Context{});
  engine->tables.roots = work.upload(std::span<const uint32_t>(root_factors()), "roots of unity");
  engine->tables.powers = work.upload(std::span<const Fp>(generator_powers()), "powers of the generator");
  work.wait();
  engine->tuning = tune(work, tuning, cache_folder());
  return engine;
}

}  // namespace openswirl::gpu
