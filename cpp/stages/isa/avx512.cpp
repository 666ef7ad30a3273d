// The avx512 kernels. Compiled with the flags of cpp/cmake/isa.cmake; holds nothing else.
#define OPENSWIRL_ISA avx512
#include "field/avx512/vector.h"
#include "stages/kernels/all.h"
