// Postcard primitives over bounded bytes: shortest-form varints, zigzag, options, Montgomery field words
// (protocol part 02, 5.2). Both sides count the memory that the decoded value takes.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "codec/bytes.h"

namespace openswirl {

// What a heap block takes from the usual allocators: a header, in multiples of 16 bytes.
constexpr uint64_t block_memory(uint64_t size) {
  return size == 0 ? 0 : std::max<uint64_t>(32, (size + 8 + 15) / 16 * 16);
}
template <class T>
constexpr uint64_t list_memory(uint64_t count) {
  return block_memory(count * sizeof(T));
}
// What the value encoded in so many bytes may take. Long lists take at most 4 bytes for each byte of the
// shortest encoding; the rest is for what small lists and fixed parts take beyond that.
constexpr uint64_t memory_limit(uint64_t encoded_size) { return 4 * encoded_size + (uint64_t{3} << 18); }

// Throws Error{kFormat} for padded or overlong varints, flags other than 0 and 1, field words >= p, and when
// the value would take more memory than memory_limit().
class PostcardReader : public ByteReader {
 public:
  PostcardReader(std::span<const uint8_t> bytes, std::string_view subject)
      : ByteReader(bytes, subject), memory_limit_(memory_limit(bytes.size())), memory_left_(memory_limit_) {}

  bool boolean();
  uint16_t u16() { return static_cast<uint16_t>(varint(16)); }
  uint32_t u32() { return static_cast<uint32_t>(varint(32)); }
  uint64_t u64() { return varint(64); }
  int64_t i64();
  // A usize that this library keeps in 32 bits.
  uint32_t size32(std::string_view what);
  // A list length whose elements take at least `size` bytes each.
  uint64_t length(uint64_t size, std::string_view what);
  // A list whose elements `read` returns, of at least `size` bytes each.
  template <class T, class Read>
  std::vector<T> list(uint64_t size, std::string_view what, Read read) {
    const uint64_t count = length(size, what);
    claim(list_memory<T>(count), what);
    std::vector<T> elements;
    elements.reserve(count);
    for (uint64_t i = 0; i < count; ++i) elements.push_back(read());
    return elements;
  }
  // To be called before memory is allocated in proportion to what was read.
  void claim(uint64_t memory, std::string_view what);
  std::string string();
  Fp field();
  Digest digest();

 private:
  uint64_t varint(unsigned bits);

  uint64_t memory_limit_, memory_left_;
};

class PostcardWriter : public ByteWriter {
 public:
  using ByteWriter::ByteWriter;

  void boolean(bool value) { u8(value ? 1 : 0); }
  void varint(uint64_t value);
  // The length, then what `write` makes of every element.
  template <class T, class Write>
  void list(const std::vector<T>& elements, Write write) {
    varint(elements.size());
    claim(list_memory<T>(elements.size()));
    for (const T& element : elements) write(element);
  }
  // Counts what the reader of the bytes claims.
  void claim(uint64_t memory) { memory_ += memory; }
  uint64_t memory() const { return memory_; }
  void i64(int64_t value) { varint(static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63)); }
  void string(std::string_view value);
  void field(Fp value) { varint(value.word()); }
  void digest(const Digest& value);

 private:
  uint64_t memory_ = 0;
};

}  // namespace openswirl
