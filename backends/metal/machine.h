// The Mac that this process runs on.
#pragma once

#include <string>

namespace openswirl::metal {

// The build of macOS, such as "23F79": compiled kernels are kept per build.
std::string system_build();
// Whether Rosetta translates this process from x86-64.
bool is_translated();

// A time of Metal's command buffers, in seconds, on std::chrono::steady_clock: the two clocks differ by what
// the machine slept.
double steady_time(double metal_time);
double steady_now();
// Seconds since some point, without those that the machine slept.
double awake_now();

}  // namespace openswirl::metal
