// The avx512ifma hashing kernels. Compiled with the flags of cpp/cmake/isa.cmake; holds nothing else.
#define OPENSWIRL_ISA avx512ifma
#include "field/avx512ifma/vector.h"
#include "hash/kernels/all.h"
