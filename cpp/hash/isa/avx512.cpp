// The avx512 hashing kernels. Compiled with the flags of cpp/cmake/isa.cmake; holds nothing else.
#define OPENSWIRL_ISA avx512
#include "field/avx512/vector.h"
#include "hash/kernels/all.h"
