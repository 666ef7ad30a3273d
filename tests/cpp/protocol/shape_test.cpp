// Order, dimensions and commitments of proofs (protocol parts 03, 5 and 04, 3.1 and 10.2).
#include "protocol/shape.h"

#include "googletest.h"

using namespace openswirl;

namespace {

VerifyingKey key_with(uint64_t l_skip, std::vector<TraceWidth> widths, std::vector<size_t> interactions) {
  VerifyingKey vk;
  vk.params = SystemParams::test_small(l_skip, 8, 3);
  for (size_t id = 0; id < widths.size(); ++id) {
    AirVk& air = vk.airs.emplace_back();
    air.width = widths[id];
    air.constraints.interactions.resize(interactions[id]);
  }
  return vk;
}

}  // namespace

TEST(Shape, MoreLeavesThanInteractions) {
  const struct {
    uint64_t l_skip;
    uint32_t log_height;
    size_t interactions;
    uint64_t total;
    uint32_t n_logup, layers;
  } rows[] = {{0, 0, 1, 1, 1, 1},  {2, 0, 1, 4, 1, 3},  {2, 2, 1, 4, 1, 3}, {2, 3, 1, 8, 2, 4},
              {4, 2, 1, 16, 1, 5}, {4, 4, 3, 48, 2, 6}, {2, 5, 0, 0, 0, 0}};
  for (const auto& row : rows) {
    const VerifyingKey vk = key_with(row.l_skip, {{std::nullopt, {}, 1}}, {row.interactions});
    const std::optional<uint32_t> heights[] = {row.log_height};
    const ProofShape shape = make_proof_shape(vk, heights);
    EXPECT_EQ(shape.total_interactions, row.total);
    EXPECT_EQ(shape.n_logup, row.n_logup);
    EXPECT_EQ(shape.num_gkr_layers, row.layers);
  }
}

TEST(Shape, TracesByHeightThenIdAndCommitmentsInTraceOrder) {
  const VerifyingKey vk = key_with(2,
                                   {{std::nullopt, {}, 1},
                                    {4, {5, 600}, 2},
                                    {std::nullopt, {}, 3},
                                    {std::nullopt, {7}, 0},
                                    {std::nullopt, {}, 9}},
                                   {0, 0, 0, 0, 0});
  const std::optional<uint32_t> heights[] = {0, 5, 1, 5, std::nullopt};
  const ProofShape shape = make_proof_shape(vk, heights);
  ASSERT_EQ(shape.traces.size(), 4u);
  const uint32_t ids[] = {1, 3, 2, 0};
  const int32_t dimensions[] = {3, 3, -1, -2};
  for (size_t t = 0; t < 4; ++t) {
    EXPECT_EQ(shape.traces[t].air_id, ids[t]);
    EXPECT_EQ(shape.traces[t].n, dimensions[t]);
    EXPECT_EQ(shape.traces[t].lifted_n, dimensions[t] > 0 ? 3u : 0u);
  }
  EXPECT_EQ(shape.n_max, 3u);
  EXPECT_EQ(shape.n_global(), 3u);

  ASSERT_EQ(shape.commitments.size(), 5u);
  EXPECT_EQ(shape.commitments[0].trace, CommitmentShape::kCommon);
  EXPECT_EQ(shape.commitments[0].layout.matrix_starts, std::vector<uint64_t>({0, 2, 2, 5}));
  const uint32_t parts[][3] = {{0, 1, 4}, {0, 2, 5}, {0, 3, 600}, {1, 1, 7}};
  for (size_t j = 1; j < 5; ++j) {
    EXPECT_EQ(shape.commitments[j].trace, parts[j - 1][0]);
    EXPECT_EQ(shape.commitments[j].opening_part, parts[j - 1][1]);
    EXPECT_EQ(shape.commitments[j].layout.slices.size(), parts[j - 1][2]);
  }
  // 600 columns of 2^5 rows in columns of 2^10 rows.
  EXPECT_EQ(shape.commitments[3].layout.width, 19u);
  EXPECT_EQ(shape.total_stacked_width(), 23u);
}

TEST(Shape, DimensionsAlonePlaceNothing) {
  const VerifyingKey vk = key_with(2, {{std::nullopt, {}, 1}}, {1});
  const std::optional<uint32_t> heights[] = {3};
  ProofShape shape = make_proof_dimensions(vk, heights);
  EXPECT_TRUE(shape.commitments.empty());
  EXPECT_EQ(shape.n_logup, 2u);
  place_columns(vk, shape);
  EXPECT_EQ(shape.commitments.size(), 1u);
}
