#include "codec/postcard.h"

namespace openswirl {
namespace {

// Short strings are kept where the string is.
uint64_t string_memory(uint64_t size) { return size > std::string().capacity() ? block_memory(size + 1) : 0; }

}  // namespace

uint64_t PostcardReader::varint(unsigned bits) {
  const size_t start = offset();
  uint64_t value = 0;
  for (unsigned shift = 0;; shift += 7) {
    const uint8_t byte = u8();
    const uint64_t group = byte & 0x7f;
    // The group must fit into the bits that are left, and no byte may follow once they are used up.
    if (shift + 7 > bits && group >> (bits - shift) != 0) fail_at(start, "integer out of range");
    value |= group << shift;
    if ((byte & 0x80) == 0) {
      if (byte == 0 && shift > 0) fail_at(start, "padded integer");
      return value;
    }
    if (shift + 7 >= bits) fail_at(start, "integer out of range");
  }
}

bool PostcardReader::boolean() {
  const uint8_t value = u8();
  if (value > 1) fail_at(offset() - 1, "flag is neither 0 nor 1");
  return value == 1;
}

int64_t PostcardReader::i64() {
  const uint64_t value = varint(64);
  return static_cast<int64_t>(value >> 1 ^ (~(value & 1) + 1));
}

uint32_t PostcardReader::size32(std::string_view what) {
  const size_t start = offset();
  const uint64_t value = u64();
  if (value > UINT32_MAX)
    fail_at(start, std::string(what) + " " + std::to_string(value) + " is out of range");
  return static_cast<uint32_t>(value);
}

uint64_t PostcardReader::length(uint64_t size, std::string_view what) {
  const uint64_t value = u64();
  require(value, size, what);
  return value;
}

void PostcardReader::claim(uint64_t memory, std::string_view what) {
  if (memory > memory_left_) {
    fail("with its " + std::string(what) + " it would take more than " + std::to_string(memory_limit_) +
         " bytes of memory, 4 for each byte and 768 KiB; no key from key generation needs so much");
  }
  memory_left_ -= memory;
}

std::string PostcardReader::string() {
  const auto bytes = take(length(1, "characters"));
  claim(string_memory(bytes.size()), "text");
  return {bytes.begin(), bytes.end()};
}

Fp PostcardReader::field() {
  const size_t start = offset();
  const uint32_t word = u32();
  if (word >= Fp::kModulus) fail_at(start, "value is not below the field order");
  return Fp::from_word(word);
}

Digest PostcardReader::digest() {
  Digest value;
  for (Fp& element : value) element = field();
  return value;
}

void PostcardWriter::varint(uint64_t value) {
  for (; value >= 0x80; value >>= 7) u8(static_cast<uint8_t>(value | 0x80));
  u8(static_cast<uint8_t>(value));
}

void PostcardWriter::string(std::string_view value) {
  varint(value.size());
  claim(string_memory(value.size()));
  for (const char c : value) u8(static_cast<uint8_t>(c));
}

void PostcardWriter::digest(const Digest& value) {
  for (const Fp element : value) field(element);
}

}  // namespace openswirl
