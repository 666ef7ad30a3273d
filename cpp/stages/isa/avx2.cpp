// The avx2 kernels. Compiled with the flags of cpp/cmake/isa.cmake; holds nothing else.
#define OPENSWIRL_ISA avx2
#include "field/avx2/vector.h"
#include "stages/kernels/all.h"
