// What the manifest (metal/kernels.json) says of every kernel, and the kernel texts. The tables are made by
// metal/kernel_tables.py.
#pragma once

#include <span>
#include <string_view>

#include "gpu/memory.h"

namespace openswirl::gpu {

enum class Kernel : uint16_t;

struct BufferInfo {
  const char* name;
  Access access;
};

// One way to compute a kernel; all variants give the same values.
struct VariantInfo {
  const char* name;  // empty if there is only one
  const char* symbol;
  uint32_t group;              // threads of a group
  uint32_t threadgroup_bytes;  // all its shared arrays
};

struct KernelInfo {
  const char* name;
  const char* family;
  std::span<const BufferInfo> buffers;
  uint32_t args_bytes;
  std::span<const VariantInfo> variants;
};

// The text of one family with all its headers, for a compiler at run time.
struct KernelSource {
  const char* family;
  std::string_view text;
};

std::span<const KernelInfo> kernel_infos();  // by Kernel
const KernelInfo& kernel_info(Kernel kernel);
std::span<const KernelSource> kernel_sources();
// What a text that is written at run time begins with: dialect, fields, sums (metal/include/generated.h).
std::string_view kernel_prelude();

}  // namespace openswirl::gpu
