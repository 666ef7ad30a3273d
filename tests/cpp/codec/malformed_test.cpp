// Bytes that are no key and no proof are refused with the offset, and nothing is allocated for false counts.
#include <functional>

#include "codec/postcard.h"
#include "codec/proof.h"
#include "codec/proving_key.h"
#include "codec/verifying_key.h"
#include "googletest.h"
#include "openswirl/failure.h"
#include "vectors.h"

using namespace openswirl;
using Bytes = std::vector<uint8_t>;

namespace {

Bytes load(const std::string& name, const char* file) {
  return vectors::read_bytes(vectors::folder() / name / file);
}

// The failure of a decoder, which must be a kFormat one with an offset inside the bytes.
template <class Decode>
std::string refusal(const Bytes& bytes, Decode decode) {
  try {
    decode(bytes);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), FailureKind::kFormat);
    EXPECT_LE(error.failure().offset.value(), bytes.size());
    return error.what();
  }
  return "accepted";
}

void put_u32(Bytes& bytes, size_t offset, uint32_t value) {
  for (size_t i = 0; i < 4; ++i) bytes[offset + i] = static_cast<uint8_t>(value >> (8 * i));
}

// A key of the case after a change, encoded again with its own new hash.
std::string key_refusal(const std::string& name, const std::function<void(VerifyingKey&)>& change) {
  VerifyingKey vk = decode_verifying_key(load(name, "vk.postcard"));
  change(vk);
  vk.pre_hash = verifying_key_pre_hash(vk);
  return refusal(encode_verifying_key(vk), decode_verifying_key);
}

}  // namespace

TEST(Malformed, TruncatedAndExtendedProofsAndKeys) {
  const Bytes proof = load("mixture_l2_n8_k4", "proof.bin");
  for (size_t size = 0; size < proof.size(); size += 64) {
    EXPECT_NE(refusal(Bytes(proof.begin(), proof.begin() + static_cast<std::ptrdiff_t>(size)), decode_proof),
              "accepted");
  }
  Bytes longer = proof;
  longer.push_back(0);
  EXPECT_CONTAINS(refusal(longer, decode_proof), "1 bytes left over");

  const Bytes vk = load("mixture_l2_n8_k4", "vk.postcard"), pk = load("preprocessed_cached2", "pk.postcard");
  for (size_t size = 0; size < vk.size(); size += 16) {
    EXPECT_NE(
        refusal(Bytes(vk.begin(), vk.begin() + static_cast<std::ptrdiff_t>(size)), decode_verifying_key),
        "accepted");
  }
  for (size_t size = 0; size < pk.size(); size += 509) {
    EXPECT_NE(refusal(Bytes(pk.begin(), pk.begin() + static_cast<std::ptrdiff_t>(size)), decode_proving_key),
              "accepted");
  }
  longer = vk;
  longer.push_back(0);
  EXPECT_CONTAINS(refusal(longer, decode_verifying_key), "1 bytes left over");
  longer = pk;
  longer.push_back(0);
  EXPECT_CONTAINS(refusal(longer, decode_proving_key), "1 bytes left over");
}

TEST(Malformed, ProofVersionWordsPresenceBitsAndCounts) {
  const Bytes proof = load("fib_h3", "proof.bin");
  const auto changed = [&](size_t offset, uint32_t value) {
    Bytes bytes = proof;
    put_u32(bytes, offset, value);
    return refusal(bytes, decode_proof);
  };
  EXPECT_CONTAINS(changed(0, 2), "codec version 2, expected 3 at byte 0");
  EXPECT_CONTAINS(changed(4, Fp::kModulus), "value is not below the field order at byte 4");
  EXPECT_CONTAINS(changed(36, 0xffffffff), "4294967295 AIRs do not fit the bytes left");
  Bytes bytes = proof;
  EXPECT_EQ(bytes[40], 1);
  bytes[40] = 3;
  EXPECT_CONTAINS(refusal(bytes, decode_proof), "unused presence bits are set at byte 40");
  bytes[40] = 0;
  EXPECT_NE(refusal(bytes, decode_proof), "accepted");
  // Log height and cached commitments follow the bitmap, then the public values.
  EXPECT_CONTAINS(changed(45, 0x80000000), "2147483648 cached commitments do not fit");
  EXPECT_CONTAINS(changed(53, 0xffffffff), "4294967295 public values do not fit");
}

// Set to the largest value, to p and to 2^24.
TEST(Malformed, EveryChangedWordOfAProofIsRefusedOrDecoded) {
  const Bytes proof = load("fib_h3", "proof.bin");
  const Proof original = decode_proof(proof);
  for (size_t offset = 41; offset + 4 <= proof.size(); offset += 4) {
    for (const uint32_t value : {0xffffffffu, Fp::kModulus, 1u << 24}) {
      Bytes bytes = proof;
      put_u32(bytes, offset, value);
      try {
        const Proof decoded = decode_proof(bytes);
        EXPECT_EQ(encode_proof(decoded), bytes);
      } catch (const Error& error) {
        EXPECT_EQ(error.kind(), FailureKind::kFormat);
      }
    }
  }
  EXPECT_EQ(encode_proof(original), proof);
}

TEST(Malformed, RefusesToEncodeWhatWouldNotDecodeToItself) {
  const auto refused = [](auto change) {
    Proof proof = decode_proof(load("interactions11", "proof.bin"));
    change(proof);
    try {
      encode_proof(proof);
    } catch (const Error& error) {
      return error.kind() == FailureKind::kInput;
    }
    return false;
  };
  EXPECT_TRUE(refused([](Proof& p) { p.gkr.sumcheck_polys.pop_back(); }));
  EXPECT_TRUE(refused([](Proof& p) { p.batch_constraints.denominator_terms.pop_back(); }));
  EXPECT_TRUE(refused([](Proof& p) { p.whir.ood_values.pop_back(); }));
  EXPECT_TRUE(refused([](Proof& p) { p.whir.sumcheck_polys.pop_back(); }));
  EXPECT_TRUE(refused([](Proof& p) { p.whir.initial.paths.pop_back(); }));
  EXPECT_TRUE(refused([](Proof& p) { p.whir.codeword_paths[1].depth += 1; }));
}

TEST(Malformed, PostcardPrimitives) {
  const auto read = [](Bytes bytes, auto body) {
    return refusal(bytes, [&](const Bytes& b) {
      PostcardReader in(b, "test");
      body(in);
    });
  };
  EXPECT_CONTAINS(read({0x80, 0x00}, [](auto& in) { in.u64(); }), "padded integer at byte 0");
  EXPECT_CONTAINS(read({0xff, 0x80, 0x00}, [](auto& in) { in.u16(); }), "padded integer");
  EXPECT_CONTAINS(read({0xff, 0xff, 0x04}, [](auto& in) { in.u16(); }), "integer out of range");
  EXPECT_CONTAINS(read({0xff, 0xff, 0xff, 0xff, 0x10}, [](auto& in) { in.u32(); }), "integer out of range");
  EXPECT_CONTAINS(read(Bytes(10, 0xff), [](auto& in) { in.u64(); }), "integer out of range");
  EXPECT_CONTAINS(
      read({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02}, [](auto& in) { in.u64(); }),
      "integer out of range");
  EXPECT_CONTAINS(read({2}, [](auto& in) { in.boolean(); }), "flag is neither 0 nor 1");
  EXPECT_CONTAINS(read({0x81, 0x80, 0x80, 0xc0, 0x07}, [](auto& in) { in.field(); }),
                  "not below the field order");
  EXPECT_CONTAINS(read({0xff, 0xff, 0x03, 1}, [](auto& in) { in.length(1, "things"); }),
                  "65535 things do not fit");

  PostcardWriter out;
  for (const int64_t value : {int64_t{0}, int64_t{-1}, int64_t{1}, int64_t{-2}, INT64_MAX, INT64_MIN})
    out.i64(value);
  out.field(Fp::minus_one());
  EXPECT_EQ(Bytes(out.bytes().begin(), out.bytes().begin() + 4), Bytes({0, 1, 2, 3}));
  EXPECT_EQ(Bytes(out.bytes().end() - 5, out.bytes().end()), Bytes({0x83, 0x80, 0x80, 0xc0, 0x06}));
  PostcardReader in(out.bytes(), "test");
  for (const int64_t value : {int64_t{0}, int64_t{-1}, int64_t{1}, int64_t{-2}, INT64_MAX, INT64_MIN}) {
    EXPECT_EQ(in.i64(), value);
  }
  EXPECT_EQ(in.field(), Fp::minus_one());
  in.expect_end();
}

TEST(Malformed, WrongPreHash) {
  VerifyingKey vk = decode_verifying_key(load("fib_h3", "vk.postcard"));
  vk.pre_hash[7] += Fp::one();
  EXPECT_CONTAINS(refusal(encode_verifying_key(vk), decode_verifying_key),
                  "the pre-hash is not the hash of the key");
}

TEST(Malformed, KeysWithValuesOutOfRange) {
  const std::string fib = "fib_h3", pre = "preprocessed_fib_h4", inter = "interactions11";
  EXPECT_EQ(key_refusal(fib, [](VerifyingKey&) {}), "accepted");
  EXPECT_CONTAINS(key_refusal(fib, [](VerifyingKey& vk) { vk.params.whir.k = 0; }),
                  "whir.k is 0, at least 1 is needed");
  EXPECT_CONTAINS(key_refusal(inter, [](VerifyingKey& vk) { vk.airs[0].width.common_main = 0; }),
                  "the main width is 0");
  EXPECT_CONTAINS(key_refusal(fib, [](VerifyingKey& vk) { vk.airs[0].width.common_main = (1u << 22) + 1; }),
                  "there are more than 2^22 columns");
  EXPECT_CONTAINS(key_refusal(fib, [](VerifyingKey& vk) { vk.airs[0].num_public_values = (1u << 22) + 1; }),
                  "there are more than 2^22 public values");
  EXPECT_CONTAINS(key_refusal(fib, [](VerifyingKey& vk) { vk.airs[0].width.preprocessed = 1; }),
                  "a preprocessed width");
  EXPECT_CONTAINS(key_refusal(pre, [](VerifyingKey& vk) { vk.airs[0].preprocessed->hypercube_dim = 9; }),
                  "the preprocessed height is out of range");
  EXPECT_CONTAINS(key_refusal(pre, [](VerifyingKey& vk) { vk.airs[0].preprocessed->hypercube_dim = -3; }),
                  "the preprocessed height is out of range");
  EXPECT_CONTAINS(key_refusal(pre, [](VerifyingKey& vk) { vk.airs[0].preprocessed->stacking_width = 2; }),
                  "the stacking width does not follow");
  EXPECT_CONTAINS(key_refusal(fib, [](VerifyingKey& vk) { vk.airs[0].constraints.nodes[3].right = 3; }),
                  "an operand does not precede its node");
  EXPECT_CONTAINS(
      key_refusal(fib, [](VerifyingKey& vk) { vk.airs[0].constraints.constraint_idx.back() = 21; }),
      "a constraint names a node that does not exist");
  EXPECT_CONTAINS(key_refusal(fib, [](VerifyingKey& vk) { vk.airs[0].constraints.constraint_idx[1] = 4; }),
                  "constraint indices are not ascending");
  EXPECT_CONTAINS(key_refusal(fib, [](VerifyingKey& vk) { vk.airs[0].constraints.nodes[1].left = 2; }),
                  "a main column does not exist");
  EXPECT_CONTAINS(key_refusal(fib, [](VerifyingKey& vk) { vk.airs[0].constraints.nodes[1].right = 1; }),
                  "a main part does not exist");
  EXPECT_CONTAINS(key_refusal(fib, [](VerifyingKey& vk) { vk.airs[0].constraints.nodes[2].left = 3; }),
                  "a public value does not exist");
  EXPECT_CONTAINS(key_refusal(fib, [](VerifyingKey& vk) { vk.airs[0].constraints.nodes[1].offset = 2; }),
                  "a row offset exceeds 1");
  EXPECT_CONTAINS(key_refusal(fib, [](VerifyingKey& vk) { vk.airs[0].need_rot = false; }),
                  "the next row is used without the rotation flag");
  EXPECT_CONTAINS(key_refusal(fib, [](VerifyingKey& vk) { vk.airs[0].max_constraint_degree = 4; }),
                  "the AIR's degree exceeds");
  EXPECT_CONTAINS(
      key_refusal(fib, [](VerifyingKey& vk) { vk.height_constraints[0].coefficients.push_back(0); }),
      "a height constraint has 2 coefficients for 1 AIRs");
  EXPECT_CONTAINS(
      key_refusal(inter, [](VerifyingKey& vk) { vk.airs[0].constraints.interactions = {{{}, 0, 0, 1}}; }),
      "an interaction has no message");
  EXPECT_CONTAINS(
      key_refusal(inter, [](VerifyingKey& vk) { vk.airs[0].constraints.interactions = {{{0}, 99, 0, 1}}; }),
      "an interaction names a node that does not exist");
  EXPECT_CONTAINS(key_refusal(inter,
                              [](VerifyingKey& vk) {
                                vk.airs[0].constraints.interactions = {{std::vector<uint32_t>(128), 0, 0, 1}};
                              }),
                  "an interaction's message is too long");
}

TEST(Malformed, ProvingKeysWithForeignPreprocessedData) {
  const auto refused = [](auto change) {
    ProvingKey pk = decode_proving_key(load("preprocessed_fib_h4", "pk.postcard"));
    HostCommitment data = *pk.airs[0].preprocessed;
    change(data);
    pk.airs[0].preprocessed = std::make_shared<const HostCommitment>(std::move(data));
    return refusal(encode_proving_key(pk), decode_proving_key);
  };
  EXPECT_EQ(refused([](HostCommitment&) {}), "accepted");
  EXPECT_CONTAINS(refused([](HostCommitment& d) { d.digest_layers.back()[0][0] += Fp::one(); }),
                  "the Merkle root is not the commitment of the key");
  EXPECT_CONTAINS(refused([](HostCommitment& d) { d.rows_per_query = 4; }),
                  "another number of rows per query");
  EXPECT_CONTAINS(refused([](HostCommitment& d) { d.layout.slices[0].start_row = 16; }),
                  "the layout does not follow");
  EXPECT_CONTAINS(refused([](HostCommitment& d) { d.digest_layers.pop_back(); }),
                  "the tree has another depth");
  EXPECT_CONTAINS(refused([](HostCommitment& d) { d.stacked.pop_back(); }), "a matrix has 1023 values");
  EXPECT_CONTAINS(refused([](HostCommitment& d) {
                    d.codeword.resize(d.codeword.size() / 2);
                    d.codeword_height /= 2;
                  }),
                  "the codeword has another size");
}
