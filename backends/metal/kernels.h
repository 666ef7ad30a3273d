// Kernels compiled for one GPU: the texts of the package when a device is opened, others when they are
// written.
#pragma once

#include <string>
#include <vector>

#include "gpu/kernel_program.h"
#include "metal/gpus.h"

namespace openswirl::metal {

class Kernels {
 public:
  // Compiles every variant of every kernel; machine code is kept in `cache_folder`, unless that is empty.
  // Throws Error{kDevice} with the compiler's messages, or the kernel that this GPU cannot run.
  Kernels(const Gpu& gpu, const std::string& cache_folder);

  MTL::ComputePipelineState* pipeline(gpu::Kernel kernel, uint32_t variant) const {
    return pipelines_[static_cast<size_t>(kernel)][variant].get();
  }

 private:
  std::vector<std::vector<NS::SharedPtr<MTL::ComputePipelineState>>> pipelines_;  // by kernel and variant
};

// A text that was written at run time.
class Program final : public gpu::KernelProgram {
 public:
  // Throws as Kernels does.
  Program(const Gpu& gpu, gpu::KernelText text, const std::string& cache_folder);

  MTL::ComputePipelineState* pipeline(size_t kernel) const { return pipelines_[kernel].get(); }

 private:
  std::vector<NS::SharedPtr<MTL::ComputePipelineState>> pipelines_;
};

}  // namespace openswirl::metal
