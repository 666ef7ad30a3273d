#include "gpu/tuning.h"

#include <algorithm>
#include <limits>
#include <string_view>

#include "runtime/cached_files.h"
#include "runtime/notices.h"

namespace openswirl::gpu {
namespace {

constexpr int kRepeats = 4;

std::span<const VariantInfo> forms() { return kernel_info(Kernel::kFieldPermute).variants; }

// The form of every kernel that has it.
Tuning tuning_of(std::string_view form) {
  Tuning tuning{};
  for (size_t k = 0; k < kNumKernels; ++k) {
    const std::span<const VariantInfo> variants = kernel_infos()[k].variants;
    for (size_t v = 0; v < variants.size(); ++v) {
      if (variants[v].name == form) tuning[k] = static_cast<uint8_t>(v);
    }
  }
  return tuning;
}

// Seconds that each form takes, the best of some runs.
std::vector<double> measure(Work& work) {
  const uint32_t count = work.device().tuning_threads;
  const Array states = work.words(16 * uint64_t{count}, "tuning");
  work.recorder().fill(states.range(), 1);
  const Call call = calls::FieldPermute{states.range(), {count}}.call();
  std::vector<double> best(forms().size(), std::numeric_limits<double>::infinity());
  for (int repeat = 0; repeat < kRepeats; ++repeat) {
    for (uint8_t form = 0; form < forms().size(); ++form) {
      Tuning tuning{};
      tuning[static_cast<size_t>(Kernel::kFieldPermute)] = form;
      work.recorder().retune(tuning);
      const size_t begin = work.recorder().mark();
      work.recorder().threads(call, count);
      const size_t end = work.recorder().mark();
      const std::vector<double> marks = work.wait();
      best[form] = std::min(best[form], marks[end] - marks[begin]);
    }
  }
  work.recorder().retune({});
  return best;
}

// All that a choice depends on: the device with its driver, and the kernels.
std::string chosen_for(const RuntimeInfo& device) {
  std::string texts;
  for (const KernelSource& source : kernel_sources()) texts += source.text;
  return device.description + "\n" + cache_hash(texts) + "\n";
}

// In per cent of the fastest form's time, for people.
std::string comparison(const std::vector<double>& seconds) {
  const double fastest = *std::min_element(seconds.begin(), seconds.end());
  std::string text;
  for (size_t form = 0; form < seconds.size(); ++form) {
    text += (form == 0 ? "" : ", ") + std::string(forms()[form].name) + " " +
            std::to_string(static_cast<uint64_t>(100 * seconds[form] / fastest)) + " %";
  }
  return text;
}

}  // namespace

Tuning tune(Work& work, TuningMode mode, const std::string& folder) {
  const RuntimeInfo& device = work.device();
  if (mode == TuningMode::kOff || device.tuning_threads == 0) return {};
  const std::string made_for = chosen_for(device), name = "tuning-" + cache_hash(made_for) + ".txt";
  if (mode == TuningMode::kOn && !folder.empty()) {
    const std::string remembered = read_file(folder + "/" + name).value_or("");
    for (const VariantInfo& form : forms()) {
      if (remembered == made_for + form.name + "\n") return tuning_of(form.name);
    }
  }
  const std::vector<double> seconds = measure(work);
  const std::string fastest =
      forms()[static_cast<size_t>(std::min_element(seconds.begin(), seconds.end()) - seconds.begin())].name;
  if (mode == TuningMode::kAgain) {
    add_news(device.name + " tuned, form of the permutation: " + fastest +
             " (times of the fastest: " + comparison(seconds) + ")");
  }
  if (!folder.empty()) {
    const std::string problem = store_file(folder, name, made_for + fastest + "\n");
    if (!problem.empty()) add_notice("tuning of " + device.name + " is not kept: " + problem);
  }
  return tuning_of(fastest);
}

}  // namespace openswirl::gpu
