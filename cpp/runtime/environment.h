// Switches that the environment sets.
#pragma once

namespace openswirl {

// Whether the variable is "on", as it also is while unset. Throws Error{kInput} for anything but "on" and
// "off".
bool switched_on(const char* variable);

}  // namespace openswirl
