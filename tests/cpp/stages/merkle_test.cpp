// Merkle trees against the scalar sponge, for shapes with one query digest and with many.
#include "stages/merkle.h"

#include "googletest.h"
#include "hash/sponge.h"
#include "random_words.h"
#include "stage_inputs.h"

using namespace openswirl;

// Part 03, 8.
TEST(Merkle, DigestsLayersAndPaths) {
  for (const unsigned threads : {1u, 2u}) {
    const Context context = stages_test::context(threads);
    for (const size_t per_query : {size_t{1}, size_t{2}, size_t{16}}) {
      for (const size_t rows : {size_t{16}, size_t{2048}}) {
        for (const size_t width : {size_t{0}, size_t{4}, size_t{9}}) {
          const size_t stride = rows + (width == 9 ? 20 : 0);
          std::vector<Fp> matrix;
          for (const uint32_t word : stages_test::words(stride * width, 1))
            matrix.push_back(Fp::from_word(word));
          const stages::DigestTree tree(context, matrix.data(), rows, stride, width, per_query);
          const size_t queries = rows / per_query;
          ASSERT_EQ(tree.layer(0).size(), queries);
          bool equal = true;
          for (size_t y = 0; y < queries; ++y) {
            std::vector<Digest> leaves;
            for (size_t t = 0; t < per_query; ++t) {
              std::vector<Fp> row;
              for (size_t c = 0; c < width; ++c) row.push_back(matrix[c * stride + y + t * queries]);
              leaves.push_back(hash_slice(row));
            }
            equal &= tree.layer(0)[y] == tree_compress(leaves);
          }
          EXPECT_TRUE(equal);
          EXPECT_EQ(tree.root(), tree_compress(tree.layer(0)));
          for (const size_t index : {size_t{0}, queries / 3, queries - 1}) {
            std::vector<Digest> path;
            tree.append_path(index, path);
            EXPECT_EQ(path.size(), size_t{tree.depth()});
            EXPECT_EQ(merkle_root_from_path(tree.layer(0)[index], index, path), tree.root());
          }
          std::vector<std::vector<Digest>> layers;
          for (uint32_t level = 0; level <= tree.depth(); ++level) {
            layers.emplace_back(tree.layer(level).begin(), tree.layer(level).end());
          }
          EXPECT_EQ(stages::DigestTree(context, layers).root(), tree.root());
        }
      }
    }
  }
}
