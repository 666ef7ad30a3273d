// Switches that the environment sets.
#pragma once

namespace openswirl {

// Whether the variable is "on"; `unset` is what it counts as while it is not set. Throws Error{kInput} for
// anything but "on" and "off".
bool switched_on(const char* variable, bool unset = true);

}  // namespace openswirl
