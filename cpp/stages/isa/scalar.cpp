// The scalar kernels. Compiled with the flags of cpp/cmake/isa.cmake; holds nothing else.
#define OPENSWIRL_ISA scalar
#include "field/scalar/vector.h"
#include "stages/kernels/all.h"
