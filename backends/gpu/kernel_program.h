// Kernels that are compiled at run time from a text of the dialect, beside those of the manifest.
#pragma once

#include <string>
#include <vector>

#include "gpu/kernel_info.h"

namespace openswirl::gpu {

// What a text says of one of its kernels; the manifest's part for kernels that are not in it.
struct TextKernel {
  std::string symbol;
  std::vector<BufferInfo> buffers;  // names are literals
  uint32_t args_bytes = 0;
  uint32_t group = 0;  // threads of a group
  uint32_t threadgroup_bytes = 0;
};

struct KernelText {
  std::string name;  // of all its kernels, in messages
  std::string text;  // complete: the headers are in it
  std::vector<TextKernel> kernels;
};

// A compiled text, made by Runtime::compile. Calls name its kernels by their position and keep it alive.
// Runtimes derive what they hold of it.
class KernelProgram {
 public:
  explicit KernelProgram(KernelText text);
  virtual ~KernelProgram() = default;
  KernelProgram(const KernelProgram&) = delete;
  KernelProgram& operator=(const KernelProgram&) = delete;

  const KernelText& text() const { return text_; }
  // One variant each.
  std::span<const KernelInfo> kernels() const { return infos_; }

 private:
  KernelText text_;
  std::vector<VariantInfo> variants_;
  std::vector<KernelInfo> infos_;
};

}  // namespace openswirl::gpu
