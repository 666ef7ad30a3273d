#include "gpu/kernel_program.h"

namespace openswirl::gpu {

KernelProgram::KernelProgram(KernelText text) : text_(std::move(text)) {
  variants_.reserve(text_.kernels.size());  // infos point into them
  for (const TextKernel& kernel : text_.kernels) {
    variants_.push_back({"", kernel.symbol.c_str(), kernel.group, kernel.threadgroup_bytes});
    infos_.push_back({kernel.symbol.c_str(), text_.name.c_str(), kernel.buffers, kernel.args_bytes,
                      std::span(&variants_.back(), 1)});
  }
}

}  // namespace openswirl::gpu
