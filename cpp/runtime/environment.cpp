#include "runtime/environment.h"

#include <cstdlib>
#include <string>

#include "openswirl/failure.h"

namespace openswirl {

bool switched_on(const char* variable, bool unset) {
  const char* value = std::getenv(variable);
  if (!value) return unset;
  if (std::string(value) == "on") return true;
  if (std::string(value) == "off") return false;
  throw Error(FailureKind::kInput, std::string(variable) + " is '" + value + "'; it must be 'on' or 'off'");
}

}  // namespace openswirl
