#include "codec/bytes.h"

#include <algorithm>

#include "openswirl/failure.h"

namespace openswirl {

void ByteReader::fail_at(size_t offset, std::string_view what) const {
  Failure failure;
  failure.kind = FailureKind::kFormat;
  failure.message = "[codec] " + std::string(subject_) + ": " + std::string(what) + " at byte " +
                    std::to_string(offset) + " of " + std::to_string(bytes_.size());
  failure.where = std::string(subject_);
  failure.offset = offset;
  throw Error(std::move(failure));
}

std::span<const uint8_t> ByteReader::take(size_t count) {
  if (count > left()) fail("unexpected end");
  const auto result = bytes_.subspan(offset_, count);
  offset_ += count;
  return result;
}

uint8_t ByteReader::u8() { return take(1)[0]; }

uint32_t ByteReader::u32() {
  const auto b = take(4);
  return uint32_t{b[0]} | uint32_t{b[1]} << 8 | uint32_t{b[2]} << 16 | uint32_t{b[3]} << 24;
}

Fp ByteReader::field() {
  const uint32_t value = u32();
  if (value >= Fp::kModulus) fail_at(offset_ - 4, "value is not below the field order");
  return Fp::from_u32(value);
}

Ext ByteReader::ext() {
  Ext value;
  for (Fp& coefficient : value.c) coefficient = field();
  return value;
}

Digest ByteReader::digest() {
  Digest value;
  for (Fp& element : value) element = field();
  return value;
}

void ByteReader::require(uint64_t count, uint64_t size, std::string_view what) const {
  if (count > left() / std::max<uint64_t>(size, 1)) {
    fail("unexpected end: " + std::to_string(count) + " " + std::string(what) + " do not fit the bytes left");
  }
}

uint32_t ByteReader::count(uint64_t size, std::string_view what) {
  const uint32_t value = u32();
  require(value, size, what);
  return value;
}

void ByteReader::expect_end() const {
  if (left() != 0) fail(std::to_string(left()) + " bytes left over");
}

void ByteWriter::u32(uint32_t value) {
  for (unsigned shift = 0; shift < 32; shift += 8) u8(static_cast<uint8_t>(value >> shift));
}

void ByteWriter::u64(uint64_t value) {
  u32(static_cast<uint32_t>(value));
  u32(static_cast<uint32_t>(value >> 32));
}

void ByteWriter::length(uint64_t value) {
  if (value > UINT32_MAX)
    throw Error(FailureKind::kInput,
                "[codec] a length of " + std::to_string(value) + " does not fit 32 bits");
  u32(static_cast<uint32_t>(value));
}

void ByteWriter::ext(const Ext& value) {
  for (const Fp coefficient : value.c) field(coefficient);
}

void ByteWriter::digest(const Digest& value) {
  for (const Fp element : value) field(element);
}

}  // namespace openswirl
