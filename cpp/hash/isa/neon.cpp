// The neon hashing kernels. Compiled with the flags of cpp/cmake/isa.cmake; holds nothing else.
#define OPENSWIRL_ISA neon
#include "field/neon/vector.h"
#include "hash/kernels/all.h"
