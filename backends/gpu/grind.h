// Proof of work on the device (protocol part 01, 6.3).
#pragma once

#include "gpu/engine.h"
#include "hash/sponge.h"

namespace openswirl::gpu {

// Searches of fewer bits are over on the host before a device answers.
inline constexpr uint32_t kHostGrindBits = 10;

// The smallest canonical witness whose sample has `bits` low zero bits, 1 <= bits <= 30. Throws
// Error{kInternal} if the whole field holds none.
Fp grind(Work& work, const GrindPoint& point, uint32_t bits);

}  // namespace openswirl::gpu
