// The avx512ifma kernels. Compiled with the flags of cpp/cmake/isa.cmake; holds nothing else.
#define OPENSWIRL_ISA avx512ifma
#include "field/avx512ifma/vector.h"
#include "stages/kernels/all.h"
