#include "codec/verifying_key.h"

#include "codec/key_parts.h"
#include "hash/sponge.h"

namespace openswirl {
namespace {

// An AIR and where it began.
constexpr uint64_t kVerifyingAirMemory = sizeof(AirVk) + sizeof(size_t);

void write_inner(PostcardWriter& out, const VerifyingKey& vk) {
  codec::write_params(out, vk.params);
  codec::write_air_count(out, vk.airs.size(), kVerifyingAirMemory);
  for (const AirVk& air : vk.airs) codec::write_air(out, air);
  codec::write_height_constraints(out, vk.height_constraints);
}

}  // namespace

std::vector<uint8_t> encode_inner_verifying_key(const VerifyingKey& vk) {
  PostcardWriter out;
  write_inner(out, vk);
  return std::move(out).take();
}

std::vector<uint8_t> encode_verifying_key(const VerifyingKey& vk) {
  PostcardWriter out;
  write_inner(out, vk);
  out.digest(vk.pre_hash);
  return std::move(out).take();
}

// Encodes twice, first for the length that is hashed ahead, and keeps no copy of the bytes.
Digest verifying_key_pre_hash(const VerifyingKey& vk) {
  uint64_t length = 0;
  PostcardWriter counter([&](std::span<const uint8_t> block) { length += block.size(); });
  write_inner(counter, vk);
  counter.flush();

  SliceHasher hasher;
  PostcardWriter hashed([&](std::span<const uint8_t> block) {
    for (const uint8_t byte : block) hasher.absorb(Fp::from_u32(byte));
  });
  hashed.ByteWriter::u32(kCodecVersion);
  hashed.ByteWriter::u64(length);
  write_inner(hashed, vk);
  hashed.flush();
  return hasher.finish();
}

bool verifying_key_decodes(const VerifyingKey& vk) {
  uint64_t size = 0;
  PostcardWriter out([&](std::span<const uint8_t> block) { size += block.size(); });
  write_inner(out, vk);
  out.digest(vk.pre_hash);
  out.flush();
  return out.memory() <= memory_limit(size);
}

VerifyingKey decode_verifying_key(std::span<const uint8_t> bytes) {
  PostcardReader in(bytes, "verifying key");
  VerifyingKey vk;
  vk.params = codec::read_params(in);
  std::vector<size_t> air_offsets;
  // The shortest AIR key has 12 bytes: empty lists, zero counts and flags.
  const uint64_t airs = codec::read_air_count(in, 12, kVerifyingAirMemory);
  air_offsets.reserve(airs), vk.airs.reserve(airs);
  for (uint64_t n = airs; n > 0; --n) {
    air_offsets.push_back(in.offset());
    vk.airs.push_back(codec::read_air(in));
  }
  vk.height_constraints = codec::read_height_constraints(in, vk.airs);
  vk.pre_hash = in.digest();
  in.expect_end();
  codec::check_key(in, vk, air_offsets);
  codec::check_pre_hash(in, vk);
  return vk;
}

}  // namespace openswirl
