// Machine code of the kernels on disk, so that only the first process on a system waits for Metal's compiler.
// A file that cannot be used or written is a notice and means compiling.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "gpu/compile_news.h"
#include "metal/apple.h"

namespace openswirl::metal {

class Archive {
 public:
  // `made_from` is all that the machine code depends on: texts, system, GPU. Without a folder nothing is
  // kept.
  Archive(NS::SharedPtr<MTL::Device> device, std::string folder, const std::string& made_from);

  // Whether kernels that were not on the disk are there now.
  bool saved() const { return saved_; }
  // Thread-safe. Throws Error{kDevice} with the compiler's message. `news`, which may be null, hears of what
  // is compiled.
  NS::SharedPtr<MTL::ComputePipelineState> pipeline(MTL::ComputePipelineDescriptor* descriptor,
                                                    const std::string& kernel, gpu::CompileNews* news);
  // Writes all pipelines; nothing if all came from the disk.
  void save();

 private:
  void notice(const std::string& what) const;

  NS::SharedPtr<MTL::Device> device_;
  std::string folder_, path_;
  std::mutex mutex_;
  NS::SharedPtr<MTL::BinaryArchive> stored_;
  std::vector<NS::SharedPtr<MTL::ComputePipelineDescriptor>> made_;  // every pipeline's
  bool compiled_ = false, saved_ = false;
};

}  // namespace openswirl::metal
