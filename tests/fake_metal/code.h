// What a kernel text becomes: the emulated kernels of the package for the texts that it ships, and for texts
// that were written at run time the host compiler's code.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gpu/kernel_info.h"
#include "sim/entry.h"

namespace fake_metal {

struct Code {
  struct Buffer {
    std::string name;
    openswirl::gpu::Access access;
  };
  std::string symbol;
  std::vector<Buffer> buffers;
  uint32_t args_bytes = 0;
  uint32_t group = 0;  // threads
  uint32_t threadgroup_bytes = 0;
  openswirl::sim::Entry entry{};
  std::shared_ptr<void> library;  // which the entry is in; null: this program
};

// Every kernel of the text; none, and the compiler's words, if it is not one that the package ships and does
// not compile.
std::vector<std::shared_ptr<const Code>> compile_text(const std::string& text, std::string& error);

}  // namespace fake_metal
