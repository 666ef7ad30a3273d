// The avx2 hashing kernels. Compiled with the flags of cpp/cmake/isa.cmake; holds nothing else.
#define OPENSWIRL_ISA avx2
#include "field/avx2/vector.h"
#include "hash/kernels/all.h"
