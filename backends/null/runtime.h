// A GPU runtime that executes nothing: every command becomes a PlannedCommand of the span in which it is
// waited for, every download gives zeros. What a kernel would do is counted on a few of its groups, which the
// emulator runs over memory that holds the uploaded tables and zeros.
#pragma once

#include <memory>

#include "gpu/runtime.h"

namespace openswirl::null_device {

// Groups of a dispatch from which its operations are counted at least, if it has more; and operations that
// are enough, so that dispatches of many small groups are counted on more of them.
inline constexpr uint64_t kCountedGroups = 16;
inline constexpr uint64_t kEnoughCounted = 1'000'000;

std::shared_ptr<gpu::Runtime> make_runtime(bool unified_memory);

}  // namespace openswirl::null_device
