// Postcard primitives over bounded bytes: shortest-form varints, zigzag, options, Montgomery field words
// (protocol part 02, 5.2).
#pragma once

#include <string>

#include "codec/bytes.h"

namespace openswirl {

// Throws Error{kFormat} for padded or overlong varints, flags other than 0 and 1, and field words >= p.
class PostcardReader : public ByteReader {
 public:
  using ByteReader::ByteReader;

  bool boolean();
  uint16_t u16() { return static_cast<uint16_t>(varint(16)); }
  uint32_t u32() { return static_cast<uint32_t>(varint(32)); }
  uint64_t u64() { return varint(64); }
  int64_t i64();
  // A usize that this library keeps in 32 bits.
  uint32_t size32(std::string_view what);
  // A list length whose elements take at least `size` bytes each.
  uint64_t length(uint64_t size, std::string_view what);
  std::string string();
  Fp field();
  Digest digest();

 private:
  uint64_t varint(unsigned bits);
};

class PostcardWriter : public ByteWriter {
 public:
  using ByteWriter::ByteWriter;

  void boolean(bool value) { u8(value ? 1 : 0); }
  void varint(uint64_t value);
  void i64(int64_t value) { varint(static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63)); }
  void string(std::string_view value);
  void field(Fp value) { varint(value.word()); }
  void digest(const Digest& value);
};

}  // namespace openswirl
