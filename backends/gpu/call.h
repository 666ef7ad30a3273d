// A kernel with its buffers and arguments, before its grid is known. Made by the structures of gpu/kernels.h.
#pragma once

#include <cstddef>
#include <cstring>
#include <initializer_list>
#include <type_traits>
#include <vector>

#include "gpu/memory.h"

namespace openswirl::gpu {

enum class Kernel : uint16_t;

// A range that a kernel reaches through an address in a table instead of a buffer of its own.
struct Use {
  Range range;
  Access access = Access::kRead;
};

struct Call {
  template <class Args>
  Call(Kernel kernel, std::initializer_list<Range> buffers, const Args& args)
      : kernel(kernel), buffers(buffers), args(sizeof(Args)) {
    static_assert(std::is_trivially_copyable_v<Args> && std::has_unique_object_representations_v<Args>,
                  "argument structures have no padding");
    static_assert(sizeof(Args) <= 4096, "arguments are passed by value");
    std::memcpy(this->args.data(), &args, sizeof(Args));
  }

  Kernel kernel;
  std::vector<Range> buffers;  // in the order of the manifest; each as small as what the kernel touches
  std::vector<std::byte> args;
  std::vector<Use> uses;
};

}  // namespace openswirl::gpu
