// Keys and proofs of all cases come out of decode and encode byte for byte, and what a decoded key says is
// right.
#include <filesystem>

#include "codec/proof.h"
#include "codec/proving_key.h"
#include "codec/verifying_key.h"
#include "harness.h"
#include "hash/sponge.h"
#include "vectors.h"

using namespace openswirl;

TEST_CASE("verifying keys of all cases round trip, and the pre-hash is recomputed") {
  size_t count = 0;
  for (const std::string& name : vectors::cases()) {
    const std::vector<uint8_t> bytes = vectors::read_bytes(vectors::folder() / name / "vk.postcard");
    const VerifyingKey vk = decode_verifying_key(bytes);
    CHECK(encode_verifying_key(vk) == bytes);
    CHECK(verifying_key_pre_hash(vk) == vk.pre_hash);
    ++count;
  }
  CHECK_EQ(count, 45u);
}

TEST_CASE("proofs of all cases round trip") {
  size_t count = 0;
  for (const std::string& name : vectors::cases()) {
    const std::vector<uint8_t> bytes = vectors::read_bytes(vectors::folder() / name / "proof.bin");
    CHECK(encode_proof(decode_proof(bytes)) == bytes);
    ++count;
  }
  CHECK_EQ(count, 45u);
}

TEST_CASE("proving keys round trip and agree with the verifying keys") {
  size_t count = 0;
  for (const std::string& name : vectors::cases()) {
    const auto path = vectors::folder() / name / "pk.postcard";
    if (!std::filesystem::exists(path)) continue;
    const std::vector<uint8_t> bytes = vectors::read_bytes(path);
    const ProvingKey pk = decode_proving_key(bytes);
    CHECK(encode_proving_key(pk) == bytes);
    CHECK(pk.vk == decode_verifying_key(vectors::read_bytes(vectors::folder() / name / "vk.postcard")));
    ++count;
  }
  CHECK_EQ(count, 5u);
}

TEST_CASE("the codeword of a proving key is column-major and belongs to its tree") {
  const ProvingKey pk =
      decode_proving_key(vectors::read_bytes(vectors::folder() / "preprocessed_fib_h4" / "pk.postcard"));
  REQUIRE(pk.airs.size() == 1 && pk.airs[0].preprocessed);
  const HostCommitment& data = *pk.airs[0].preprocessed;
  const uint64_t stride = data.codeword_height / data.rows_per_query;
  for (const uint64_t leaf : {uint64_t{0}, uint64_t{5}, stride - 1}) {
    std::vector<Digest> rows;
    for (uint64_t r = leaf; r < data.codeword_height; r += stride) {
      std::vector<Fp> row;
      for (uint64_t c = 0; c < data.stacked_width; ++c)
        row.push_back(data.codeword[c * data.codeword_height + r]);
      rows.push_back(hash_slice(row));
    }
    CHECK(tree_compress(rows) == data.digest_layers[0][leaf]);
  }
}

TEST_CASE("a worked verifying key: 126 bytes of one Fibonacci AIR") {
  const VerifyingKey vk =
      decode_verifying_key(vectors::read_bytes(vectors::folder() / "fib_h3" / "vk.postcard"));
  CHECK_EQ(encode_inner_verifying_key(vk).size(), 126u);
  CHECK(vk.params == SystemParams::test_small(2, 8, 3));
  CHECK_EQ(vk.pre_hash[0].canonical(), 471505953u);
  CHECK_EQ(vk.pre_hash[7].canonical(), 981876475u);
  CHECK(vk.airs[0].constraints.constraint_idx == std::vector<uint32_t>({4, 8, 12, 16, 20}));
}
