// The most that a device can do: what the floors of a run are computed from.
#pragma once

#include <optional>

namespace openswirl {

// Rates are operations a second of the whole device (all threads of the call together), bandwidths bytes a
// second.
struct Ceilings {
  double multiplications = 0;       // base field, reduced
  double butterflies = 0;           // a multiplication by a constant, an addition and a subtraction
  double additions = 0;             // base field
  double multiply_accumulates = 0;  // base products added up unreduced; four make base x extension
  double ext_multiplications = 0;
  double permutations = 0;         // of many states at once
  double permutation_s = 0;        // seconds of one permutation that waits for the one before it
  double copy_bytes = 0;           // read and written bytes together
  double read_bytes = 0;           // read only
  std::optional<double> launch_s;  // seconds of one empty kernel among many; none on a CPU
  std::optional<double> wait_s;    // seconds from a launch until the host has its result; none on a CPU
};

}  // namespace openswirl
