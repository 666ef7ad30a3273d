// What the operating system says of this machine.
#pragma once

#include <cstdint>

namespace openswirl {

// Bytes of main memory; 0 if the system does not tell.
uint64_t physical_memory();

}  // namespace openswirl
