// The kernels compiled for one GPU: texts of the package become libraries and pipelines when a device is opened.
#pragma once

#include <string>
#include <vector>

#include "gpu/kernel_info.h"
#include "metal/gpus.h"

namespace openswirl::metal {

class Kernels {
 public:
  // Compiles every variant of every kernel; machine code is kept in `cache_folder`, unless that is empty. Throws
  // Error{kDevice} with the compiler's messages, or the kernel that this GPU cannot run.
  Kernels(const Gpu& gpu, const std::string& cache_folder);

  MTL::ComputePipelineState* pipeline(gpu::Kernel kernel, uint32_t variant) const {
    return pipelines_[static_cast<size_t>(kernel)][variant].get();
  }

 private:
  std::vector<std::vector<NS::SharedPtr<MTL::ComputePipelineState>>> pipelines_;  // by kernel and variant
};

// OPENSWIRL_CACHE_DIR, else openswirl in the user's folder of caches; empty if there is none.
std::string cache_folder();

}  // namespace openswirl::metal
