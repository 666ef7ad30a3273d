// A backend's own types behind the handles that it gave out.
#pragma once

#include <memory>
#include <string>

#include "openswirl/result.h"

namespace openswirl {

// The backend's own type behind a handle of the interface. Throws Error{kInput} for a handle of another
// device.
template <class Own, class Handle>
const Own& own(const Handle* handle, const char* what) {
  const auto* result = dynamic_cast<const Own*>(handle);
  if (!result) {
    throw Error(FailureKind::kInput,
                std::string(what) + " was made by another device; make it with this one");
  }
  return *result;
}

template <class Own, class Handle>
std::shared_ptr<const Own> own(const std::shared_ptr<const Handle>& handle, const char* what) {
  return {handle, &own<Own>(handle.get(), what)};
}

}  // namespace openswirl
