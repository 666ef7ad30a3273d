// Device memory as every GPU runtime hands it out, and ranges of it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

namespace openswirl::gpu {

// One allocation of a runtime. Freed when the last range or submitted command that names it is gone.
class Memory {
 public:
  virtual ~Memory() = default;
  virtual uint64_t bytes() const = 0;
  // Where kernels find it, for tables of addresses; at least 16-byte aligned.
  virtual uint64_t address() const = 0;
  // The same bytes for the host on unified memory, null elsewhere. Only read or written while no submitted
  // work uses them.
  virtual void* host() const { return nullptr; }
};

// Bytes of one allocation; an empty range has null memory.
struct Range {
  std::shared_ptr<Memory> memory;
  uint64_t offset = 0, bytes = 0;

  uint64_t address() const { return memory->address() + offset; }
  // A part, relative to this range.
  Range part(uint64_t start, uint64_t size) const { return {memory, offset + start, size}; }
};

// What a command does with a range. Commands whose ranges overlap are ordered if one of them writes,
// whichever words they touch; Recorder::DisjointWrites is for those that write a common range, each in places
// of its own.
enum class Access : uint8_t { kRead = 1, kWrite = 2, kReadWrite = 3 };

constexpr bool writes(Access access) { return (static_cast<uint8_t>(access) & 2) != 0; }
constexpr bool reads(Access access) { return (static_cast<uint8_t>(access) & 1) != 0; }

}  // namespace openswirl::gpu
