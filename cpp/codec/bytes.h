// Bounded reading and plain writing of bytes. A reader never trusts a count: it compares it with the bytes
// that are left before anything is allocated.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "field/ext.h"
#include "hash/poseidon2.h"

namespace openswirl {

// Reads little-endian values from a borrowed buffer. Every method throws Error{kFormat}, with the offset of
// the offending byte, when the input ends early or holds a value that is not allowed.
class ByteReader {
 public:
  // `subject` names what is being read in error messages ("proof", "verifying key"); a string literal.
  ByteReader(std::span<const uint8_t> bytes, std::string_view subject) : bytes_(bytes), subject_(subject) {}

  size_t offset() const { return offset_; }
  size_t left() const { return bytes_.size() - offset_; }

  uint8_t u8();
  uint32_t u32();
  std::span<const uint8_t> take(size_t count);

  // Canonical words (part 01, 1.3): a value >= p is an error, never reduced.
  Fp field();
  Ext ext();
  Digest digest();

  // Throws unless `count` elements of `size` bytes each (at least one byte each) can still follow.
  void require(uint64_t count, uint64_t size, std::string_view what) const;
  // A u32 count of elements of at least `size` bytes each, compared with the bytes left.
  uint32_t count(uint64_t size, std::string_view what);
  // Throws unless everything was read.
  void expect_end() const;

  [[noreturn]] void fail(std::string_view what) const { fail_at(offset_, what); }
  [[noreturn]] void fail_at(size_t offset, std::string_view what) const;

 private:
  std::span<const uint8_t> bytes_;
  std::string_view subject_;
  size_t offset_ = 0;
};

class ByteWriter {
 public:
  using Sink = std::function<void(std::span<const uint8_t>)>;

  ByteWriter() = default;
  // Hands the bytes on in small blocks instead of keeping them; the last ones on flush().
  explicit ByteWriter(Sink sink) : sink_(std::move(sink)) {}

  void u8(uint8_t value) {
    bytes_.push_back(value);
    if (sink_ && bytes_.size() >= kBlock) flush();
  }
  void flush() {
    if (sink_) sink_(std::exchange(bytes_, {}));
  }
  void u32(uint32_t value);
  void u64(uint64_t value);
  void raw(std::span<const uint8_t> bytes) {
    for (const uint8_t byte : bytes) u8(byte);
  }
  // A size as u32; throws Error{kInput} if it does not fit.
  void length(uint64_t value);

  void field(Fp value) { u32(value.canonical()); }
  void ext(const Ext& value);
  void digest(const Digest& value);

  std::vector<uint8_t> take() && { return std::move(bytes_); }
  const std::vector<uint8_t>& bytes() const { return bytes_; }

 private:
  static constexpr size_t kBlock = 4096;

  Sink sink_;
  std::vector<uint8_t> bytes_;
};

}  // namespace openswirl
