// A kernel with its buffers and arguments, before its grid is known. Made by the structures of gpu/kernels.h.
#pragma once

#include <cstddef>
#include <cstring>
#include <initializer_list>
#include <type_traits>
#include <vector>

#include "gpu/kernel_program.h"
#include "gpu/memory.h"

namespace openswirl::gpu {

// A range that a kernel reaches through an address in a table instead of a buffer of its own.
struct Use {
  Range range;
  Access access = Access::kRead;
  // Where it touches less than the range, which orders commands, about so many bytes of it.
  uint64_t touched = ~uint64_t{0};

  uint64_t bytes() const { return touched < range.bytes ? touched : range.bytes; }
};

struct Call {
  template <class Args>
  Call(Kernel kernel, std::initializer_list<Range> buffers, const Args& args)
      : kernel(kernel), buffers(buffers), args(bytes_of(args)) {}
  // Kernel number `index` of a program.
  template <class Args>
  Call(std::shared_ptr<const KernelProgram> program, size_t index, std::initializer_list<Range> buffers,
       const Args& args)
      : kernel(static_cast<Kernel>(index)),
        program(std::move(program)),
        buffers(buffers),
        args(bytes_of(args)) {}

  const KernelInfo& info() const {
    return program ? program->kernels()[static_cast<size_t>(kernel)] : kernel_info(kernel);
  }

  // Threads of a group with this variant.
  uint32_t group_size(const VariantInfo& variant) const { return group != 0 ? group : variant.group; }

  Kernel kernel;  // of the manifest, or the position in the program
  std::shared_ptr<const KernelProgram> program;
  std::vector<Range> buffers;  // in the order of the manifest; each as small as what the kernel touches
  std::vector<std::byte> args;
  std::vector<Use> uses;
  // Whole SIMD groups, for a kernel that has nothing to do for the others; 0: as many threads as it is
  // declared with.
  uint32_t group = 0;

 private:
  template <class Args>
  static std::vector<std::byte> bytes_of(const Args& args) {
    static_assert(std::is_trivially_copyable_v<Args> && std::has_unique_object_representations_v<Args>,
                  "argument structures have no padding");
    static_assert(sizeof(Args) <= 4096, "arguments are passed by value");
    std::vector<std::byte> bytes(sizeof(Args));
    std::memcpy(bytes.data(), &args, sizeof(Args));
    return bytes;
  }
};

}  // namespace openswirl::gpu
