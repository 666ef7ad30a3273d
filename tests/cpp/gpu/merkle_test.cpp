// Trees on the device against the scalar sponge, at sizes around the limits of its kernels.
#include "gpu/merkle.h"

#include "googletest.h"

#include "devices.h"
#include "hash/sponge.h"
#include "random_words.h"

using namespace openswirl;

namespace {

// All layers, query digests first, by the definition.
std::vector<Digest> plain_tree(const std::vector<Fp>& matrix, size_t rows, size_t width, size_t per_query) {
  const size_t queries = rows / per_query;
  std::vector<Digest> layers;
  for (size_t y = 0; y < queries; ++y) {
    std::vector<Digest> leaves;
    for (size_t t = 0; t < per_query; ++t) {
      std::vector<Fp> row;
      for (size_t c = 0; c < width; ++c) row.push_back(matrix[c * rows + y + t * queries]);
      leaves.push_back(hash_slice(row));
    }
    layers.push_back(tree_compress(leaves));
  }
  for (size_t begin = 0, size = queries; size > 1; begin += size, size /= 2) {
    for (size_t i = 0; i < size; i += 2) layers.push_back(compress(layers[begin + i], layers[begin + i + 1]));
  }
  return layers;
}

void expect_tree(gpu::Work& work, size_t rows, size_t width, size_t per_query) {
  const std::vector<Fp> matrix = stages_test::fields(rows * width, 3);
  const gpu::Array words = work.upload(std::span(matrix), "matrix");
  const gpu::DeviceTree tree(work, {words.range(), rows, width, 1, rows}, per_query);
  const auto expected = plain_tree(matrix, rows, width, per_query);
  const auto digests = gpu_test::read(work, tree.digests().range());
  ASSERT_EQ(digests.size(), 8 * expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    for (size_t j = 0; j < 8; ++j) {
      ASSERT_EQ(digests[8 * i + j], expected[i][j].word()) << "digest " << i << " of " << rows << " rows";
    }
  }
}

}  // namespace

TEST(GpuMerkle, TreesOfEveryShape) {
  gpu_test::on_every_device([](gpu::Work& work) {
    expect_tree(work, 1, 1, 1);
    expect_tree(work, 2, 9, 2);
    expect_tree(work, 16, 0, 4);
    expect_tree(work, 64, 7, 16);
    expect_tree(work, 256, 8, 1);
    expect_tree(work, 512, 17, 1);
    expect_tree(work, 1024, 4, 8);
    expect_tree(work, 512, 9, 256);
    expect_tree(work, 512, 3, 512);  // more rows than a group hashes at once
  });
}

// Wide layers get dispatches of their own, narrow ones share them.
TEST(GpuMerkle, WideTree) {
  const gpu_test::Device device(gpu_test::schedules()[0]);
  gpu::Work work = device.work();
  expect_tree(work, 1 << 15, 1, 1);
  EXPECT_EQ(work.recorder().activity().dispatches, 1u + 1u + 2u);
}

TEST(GpuMerkle, RowsOfAQueryShareADispatch) {
  const gpu_test::Device device(gpu_test::schedules()[0]);
  gpu::Work work = device.work();
  expect_tree(work, 1 << 12, 11, 16);
  EXPECT_EQ(work.recorder().activity().dispatches, 1u + 1u);
}

TEST(GpuMerkle, RowsOfExtensionElements) {
  const gpu_test::Device device(gpu_test::schedules()[1]);
  gpu::Work work = device.work();
  const size_t rows = 32;
  const std::vector<Fp> words = stages_test::fields(4 * rows, 5);
  const gpu::Array matrix = work.upload(std::span(words), "codeword");
  const gpu::DeviceTree tree(work, {matrix.range(), rows, 4, 4, 1}, 1);
  const auto digests = gpu_test::read(work, tree.layer(0));
  for (size_t r = 0; r < rows; ++r) {
    const Digest expected = hash_slice(std::span(words).subspan(4 * r, 4));
    for (size_t j = 0; j < 8; ++j) ASSERT_EQ(digests[8 * r + j], expected[j].word());
  }
}
