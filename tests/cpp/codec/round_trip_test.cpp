// Keys and proofs of all cases come out of decode and encode byte for byte, and what a decoded key says is
// right.
#include <filesystem>

#include "codec/proof.h"
#include "codec/proving_key.h"
#include "codec/verifying_key.h"
#include "googletest.h"
#include "hash/sponge.h"
#include "vectors.h"

using namespace openswirl;

namespace {

class RoundTripOfCase : public testing::TestWithParam<std::string> {};

}  // namespace

INSTANTIATE_TEST_SUITE_P(Cases, RoundTripOfCase, testing::ValuesIn(vectors::cases()),
                         [](const auto& info) { return info.param; });

TEST(RoundTrip, CoversAllCases) { EXPECT_EQ(vectors::cases().size(), 45u); }

TEST_P(RoundTripOfCase, VerifyingKeyAndItsPreHash) {
  const std::vector<uint8_t> bytes = vectors::read_bytes(vectors::folder() / GetParam() / "vk.postcard");
  const VerifyingKey vk = decode_verifying_key(bytes);
  EXPECT_EQ(encode_verifying_key(vk), bytes);
  EXPECT_EQ(verifying_key_pre_hash(vk), vk.pre_hash);
}

TEST_P(RoundTripOfCase, Proof) {
  const std::vector<uint8_t> bytes = vectors::read_bytes(vectors::folder() / GetParam() / "proof.bin");
  EXPECT_EQ(encode_proof(decode_proof(bytes)), bytes);
}

TEST(RoundTrip, ProvingKeysAgreeWithTheVerifyingKeys) {
  size_t count = 0;
  for (const std::string& name : vectors::cases()) {
    SCOPED_TRACE(name);
    const auto path = vectors::folder() / name / "pk.postcard";
    if (!std::filesystem::exists(path)) continue;
    const std::vector<uint8_t> bytes = vectors::read_bytes(path);
    const ProvingKey pk = decode_proving_key(bytes);
    EXPECT_EQ(encode_proving_key(pk), bytes);
    EXPECT_EQ(pk.vk, decode_verifying_key(vectors::read_bytes(vectors::folder() / name / "vk.postcard")));
    ++count;
  }
  EXPECT_EQ(count, 5u);
}

TEST(RoundTrip, CodewordIsColumnMajorAndBelongsToItsTree) {
  const ProvingKey pk =
      decode_proving_key(vectors::read_bytes(vectors::folder() / "preprocessed_fib_h4" / "pk.postcard"));
  ASSERT_EQ(pk.airs.size(), 1u);
  ASSERT_TRUE(pk.airs[0].preprocessed);
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
    EXPECT_EQ(tree_compress(rows), data.digest_layers[0][leaf]);
  }
}

// 126 bytes of one Fibonacci AIR.
TEST(RoundTrip, WorkedVerifyingKey) {
  const VerifyingKey vk =
      decode_verifying_key(vectors::read_bytes(vectors::folder() / "fib_h3" / "vk.postcard"));
  EXPECT_EQ(encode_inner_verifying_key(vk).size(), 126u);
  EXPECT_EQ(vk.params, SystemParams::test_small(2, 8, 3));
  EXPECT_EQ(vk.pre_hash[0].canonical(), 471505953u);
  EXPECT_EQ(vk.pre_hash[7].canonical(), 981876475u);
  EXPECT_EQ(vk.airs[0].constraints.constraint_idx, std::vector<uint32_t>({4, 8, 12, 16, 20}));
}
