// Compares kernels made for an AIR with the interpreter, on the device, and times both.
#pragma once

#include "gpu/generated_constraints.h"

namespace openswirl::gpu {

inline constexpr uint64_t kCheckedPoints = 2048, kCheckedLines = 768;  // lines times positions

// Evaluates all row functions over random rows both ways. Throws Error{kDevice} if they differ. If timed,
// fills in what the kernels save; else fewer rows do.
void check_generated(Work& work, const VerifyingKey& vk, const ConstraintPrograms& programs, uint32_t air_id,
                     bool timed, GeneratedAir& air);

}  // namespace openswirl::gpu
