// Large buffers come straight from the system in huge-page-friendly mappings, small ones from the allocator.
#include "runtime/buffer.h"

#include <cstdlib>
#include <cstring>

#include "openswirl/failure.h"

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace openswirl::detail {
namespace {

constexpr size_t kAlignment = 64;
#ifdef __linux__
constexpr size_t kMappedBytes = size_t{4} << 20;
#endif

[[noreturn]] void throw_out_of_memory(size_t bytes) {
  Failure failure;
  failure.kind = FailureKind::kOutOfMemory;
  failure.need = bytes;
  failure.message =
      "the system refused " + std::to_string(bytes) + " bytes; use a smaller trace or close other programs";
  throw Error(std::move(failure));
}

}  // namespace

void* allocate_buffer(size_t bytes, bool zeroed) {
#ifdef __linux__
  if (bytes >= kMappedBytes) {
    void* data = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (data == MAP_FAILED) throw_out_of_memory(bytes);
    // Only advice: where the system has no huge pages the mapping works as it is.
    (void)madvise(data, bytes, MADV_HUGEPAGE);
    return data;
  }
#endif
  if (bytes > SIZE_MAX - kAlignment) throw_out_of_memory(bytes);
  const size_t rounded = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  void* data = std::aligned_alloc(kAlignment, rounded == 0 ? kAlignment : rounded);
  if (!data) throw_out_of_memory(bytes);
  if (zeroed) std::memset(data, 0, rounded);
  return data;
}

void free_buffer(void* data, [[maybe_unused]] size_t bytes) {
#ifdef __linux__
  if (bytes >= kMappedBytes) {
    munmap(data, bytes);
    return;
  }
#endif
  std::free(data);
}

}  // namespace openswirl::detail
