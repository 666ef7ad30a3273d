// What the backend asks of macOS beside Metal: clocks and facts about the machine.
#include <mach/mach_time.h>
#include <sys/sysctl.h>

#include <chrono>
#include <cstring>

#include "fake_metal.h"

namespace {

// Ticks of Apple silicon, on a clock that began long before this machine's.
constexpr uint32_t kNumerator = 125, kDenominator = 3;
constexpr uint64_t kAheadNanoseconds = 7'000'000'000'000;

}  // namespace

extern "C" {

uint64_t mach_absolute_time() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  const auto nanoseconds = static_cast<uint64_t>(std::chrono::nanoseconds(now).count()) + kAheadNanoseconds;
  return nanoseconds / kNumerator * kDenominator;
}

kern_return_t mach_timebase_info(mach_timebase_info_data_t* info) {
  *info = {kNumerator, kDenominator};
  return 0;
}

int sysctlbyname(const char* name, void* value, size_t* size, void*, size_t) {
  if (std::strcmp(name, "sysctl.proc_translated") == 0 && *size >= sizeof(int)) {
    const int translated = fake_metal::system().translated ? 1 : 0;
    std::memcpy(value, &translated, sizeof(int));
    return 0;
  }
  if (std::strcmp(name, "kern.osversion") == 0) {
    const std::string& build = fake_metal::system().build;
    if (*size < build.size() + 1) return -1;
    std::memcpy(value, build.c_str(), build.size() + 1);
    return 0;
  }
  return -1;
}
}
