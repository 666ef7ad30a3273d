#include "metal/machine.h"

#include <mach/mach_time.h>
#include <sys/sysctl.h>

#include <chrono>

namespace openswirl::metal {
namespace {

// Metal's times count the ticks of mach_absolute_time.
double metal_now() {
  static const double seconds_per_tick = [] {
    mach_timebase_info_data_t base{};
    mach_timebase_info(&base);
    return 1e-9 * base.numer / base.denom;
  }();
  return static_cast<double>(mach_absolute_time()) * seconds_per_tick;
}

}  // namespace

std::string system_build() {
  char text[64] = {};
  size_t size = sizeof(text) - 1;
  return sysctlbyname("kern.osversion", text, &size, nullptr, 0) == 0 ? text : "unknown";
}

bool is_translated() {
  int translated = 0;
  size_t size = sizeof(translated);
  return sysctlbyname("sysctl.proc_translated", &translated, &size, nullptr, 0) == 0 && translated == 1;
}

double steady_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double awake_now() { return metal_now(); }

double steady_time(double metal_time) { return metal_time + (steady_now() - metal_now()); }

}  // namespace openswirl::metal
