// Known answers of protocol part 01, 3.4 and 4.
#include "hash/sponge.h"

#include <algorithm>

#include "googletest.h"

using namespace openswirl;

namespace {

SpongeState state_of(std::array<uint32_t, 16> canonical) {
  SpongeState state;
  for (size_t i = 0; i < 16; ++i) state[i] = Fp::from_u32(canonical[i]);
  return state;
}
Digest digest_of(std::array<uint32_t, 8> canonical) {
  Digest digest;
  for (size_t i = 0; i < 8; ++i) digest[i] = Fp::from_u32(canonical[i]);
  return digest;
}
std::vector<Fp> counting(uint32_t from, uint32_t to) {
  std::vector<Fp> values;
  for (uint32_t v = from; v <= to; ++v) values.push_back(Fp::from_u32(v));
  return values;
}

}  // namespace

TEST(Poseidon2, PermutationKnownAnswers) {
  SpongeState zero{};
  poseidon2_permute(zero);
  EXPECT_EQ(zero, state_of({1168947398, 128782440, 747404447, 883925857, 360581875, 1704698758, 1878363991,
                            1054281681, 682225194, 705839125, 1218819873, 41544645, 1095344608, 174996601,
                            1678438226, 11259290}));
  SpongeState state =
      state_of({894848333, 1437655012, 1200606629, 1690012884, 71131202, 1749206695, 1717947831, 120589055,
                19776022, 42382981, 1831865506, 724844064, 171220207, 1299207443, 227047920, 1783754913});
  poseidon2_permute(state);
  EXPECT_EQ(state, state_of({516096821, 90309867, 1101817252, 1660784290, 360715097, 1789519026, 1788910906,
                             563338433, 319524748, 1741414159, 1650859320, 894311162, 1121347488, 1692793758,
                             1052633829, 1344246938}));
}

TEST(Poseidon2, ShortLaterBlockKeepsTheUntouchedRate) {
  EXPECT_EQ(hash_slice({}), Digest{});
  EXPECT_EQ(hash_slice(counting(1, 8)), digest_of({766127264, 1750513607, 1038115664, 1351438670, 1338302971,
                                                   1958881547, 1778633879, 1495371656}));
  EXPECT_EQ(hash_slice(counting(1, 9)), digest_of({610210315, 1049152689, 1983597912, 1642023152, 478432732,
                                                   1380464985, 1787471669, 1639353530}));
}

TEST(Poseidon2, CompressionIsNotCommutative) {
  const auto values = counting(1, 16);
  Digest left, right;
  std::copy_n(values.begin(), 8, left.begin());
  std::copy_n(values.begin() + 8, 8, right.begin());
  EXPECT_EQ(compress(left, right), digest_of({1673702100, 1525859233, 120947562, 429360967, 1845930427,
                                              111235020, 438992764, 1404408233}));
  EXPECT_EQ(compress(right, left), digest_of({363491596, 386809307, 352889141, 763899789, 140618267,
                                              1524931798, 865505090, 659914095}));
}

// Fewer than one batch, a whole one, and more; rows of whole and of broken blocks.
TEST(Sponge, ManyRowsPairsAndPathsEqualOneByOne) {
  const auto values = counting(1, 200 * 19);
  for (const size_t count : {size_t{1}, size_t{2}, size_t{37}, size_t{64}, size_t{200}}) {
    SCOPED_TRACE(count);
    std::vector<Digest> digests(count);
    for (const size_t width : {size_t{0}, size_t{1}, size_t{4}, size_t{8}, size_t{19}}) {
      const auto matrix = std::span(values).first(count * width);
      hash_rows(matrix, digests);
      for (size_t r = 0; r < count; ++r) EXPECT_EQ(digests[r], hash_slice(matrix.subspan(r * width, width)));
    }

    std::vector<Digest> parents(count / 2), in_place = digests;
    compress_pairs(digests, parents);
    for (size_t i = 0; i < count / 2; ++i)
      EXPECT_EQ(parents[i], compress(digests[2 * i], digests[2 * i + 1]));
    compress_pairs(in_place, in_place);
    in_place.resize(count / 2);
    EXPECT_EQ(in_place, parents);

    constexpr size_t kDepth = 5;
    std::vector<uint32_t> indices(count);
    std::vector<Digest> paths(count * kDepth), roots = digests;
    for (size_t q = 0; q < count; ++q) indices[q] = static_cast<uint32_t>(q * 11 % 32);
    for (size_t i = 0; i < paths.size(); ++i) paths[i] = hash_slice(std::span(values).subspan(i, 3));
    merkle_roots_from_paths(roots, indices, paths);
    for (size_t q = 0; q < count; ++q) {
      const auto path = std::span(paths).subspan(q * kDepth, kDepth);
      EXPECT_EQ(roots[q], merkle_root_from_path(digests[q], indices[q], path));
    }
  }
}

TEST(Sponge, HashesNoRowsPairsAndPaths) {
  hash_rows({}, {});
  compress_pairs({}, {});
  merkle_roots_from_paths({}, {}, {});
}
