#include "gpu/tuning.h"

#include <algorithm>
#include <limits>
#include <string_view>

namespace openswirl::gpu {
namespace {

constexpr int kRepeats = 4;

}  // namespace

Tuning measure_tuning(Work& work) {
  const std::span<const VariantInfo> forms = kernel_info(Kernel::kFieldPermute).variants;
  const uint32_t count = work.device().tuning_threads;
  const Array states = work.words(16 * uint64_t{count}, "tuning");
  work.recorder().fill(states.range(), 1);
  const Call call = calls::FieldPermute{states.range(), {count}}.call();
  std::vector<double> best(forms.size(), std::numeric_limits<double>::infinity());
  for (int repeat = 0; repeat < kRepeats; ++repeat) {
    for (uint8_t form = 0; form < forms.size(); ++form) {
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
  const std::string_view fastest =
      forms[static_cast<size_t>(std::min_element(best.begin(), best.end()) - best.begin())].name;
  Tuning tuning{};
  for (size_t k = 0; k < kNumKernels; ++k) {
    const std::span<const VariantInfo> variants = kernel_infos()[k].variants;
    for (size_t v = 0; v < variants.size(); ++v) {
      if (variants[v].name == fastest) tuning[k] = static_cast<uint8_t>(v);
    }
  }
  return tuning;
}

}  // namespace openswirl::gpu
