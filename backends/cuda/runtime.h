// The GPU runtime on the CUDA driver: one stream per device, so commands run in the order of their recording
// and every barrier is implied; small dispatches that no barrier separates fork from it and join it again.
// Small copies pass through pinned memory; the host writes what was downloaded in wait(), so nothing of a
// caller's is touched after a submission is abandoned.
#pragma once

#include <memory>

#include "cuda/compiler.h"
#include "cuda/context.h"
#include "gpu/runtime.h"

namespace openswirl::cuda {

// The driver's device of this number under a name. Throws Error{kDevice} if it or its kernels cannot be used,
// and Error{kInput} if OPENSWIRL_CUDA_TIMEOUT is no positive number.
std::shared_ptr<gpu::Runtime> make_runtime(const Driver& driver, std::shared_ptr<const Compiler> compiler,
                                           int index, std::string name);

// "NVIDIA H200, sm_90, 132 multiprocessors, driver for CUDA 13.0, NVRTC 12.9".
std::string description(const Driver& driver, const Compiler& compiler, const DeviceFacts& facts);

}  // namespace openswirl::cuda
