// The kernel dialect: one text that is Metal Shading Language, CUDA C++ and host C++. Its rules are in
// docs/gpu-backends.md. Names that begin with gpu_ and the upper-case macros mean the same on every target.
#ifndef OPENSWIRL_DIALECT_H
#define OPENSWIRL_DIALECT_H

#if defined(__METAL_VERSION__)
#include "dialect_msl.h"
#elif defined(__CUDACC__) || defined(__CUDACC_RTC__)
#include "dialect_cuda.h"
#else
#include "sim/kernel_api.h"
#endif

#endif
