// The GPU runtime on Metal.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "gpu/runtime.h"
#include "metal/gpus.h"

namespace openswirl::metal {

struct Options {
  // How long one command buffer may take before the device is given up.
  std::chrono::duration<double> timeout{60};
  std::string cache_folder;

  // The timeout from OPENSWIRL_METAL_TIMEOUT, in seconds; throws Error{kInput} for what is no positive
  // number.
  static Options from_environment();
};

// `name` is the device's, such as "metal:0". Compiles the kernels; throws Error{kDevice} if that fails.
std::shared_ptr<gpu::Runtime> make_runtime(const Gpu& gpu, const std::string& name, const Options& options);

}  // namespace openswirl::metal
