// GPU drivers do not survive fork(): the child has neither their threads nor their connection to the device.
#pragma once

#include <unistd.h>

#include <string>

#include "openswirl/failure.h"

namespace openswirl::gpu {

class ForkGuard {
 public:
  // Whether this is a child of the process that made the guard: then nothing of the device may be touched,
  // not even to free it.
  bool forked() const { return getpid() != process_; }
  // Throws Error{kDevice} in such a child.
  void check(const std::string& device) const {
    if (!forked()) return;
    throw Error(FailureKind::kDevice,
                device +
                    " was opened before this process was forked, and GPUs cannot be used after a fork; "
                    "start workers with the 'spawn' method, or open the device in the worker");
  }

 private:
  pid_t process_ = getpid();
};

}  // namespace openswirl::gpu
