#include "gpu/self_test.h"

#include <string>

#include "gpu/encode.h"
#include "gpu/grind.h"
#include "gpu/merkle.h"
#include "hash/sponge.h"

namespace openswirl::gpu {
namespace {

void expect(bool right, const std::string& what) {
  if (!right) throw Error(FailureKind::kDevice, "the device computes a wrong " + what + "; do not use it");
}

std::vector<Fp> download(Work& work, const Range& range) {
  std::vector<Fp> values(range.bytes / 4);
  work.recorder().download(range, std::as_writable_bytes(std::span(values)));
  work.wait();
  return values;
}

// Elements that reach the limits of every word operation.
std::vector<Fp> sample(size_t count) {
  std::vector<Fp> values{Fp::zero(), Fp::one(), Fp::minus_one(), Fp::from_word(1)};
  while (values.size() < count)
    values.push_back(values.back() * Fp::from_u32(31) + values[values.size() - 3]);
  values.resize(count);
  return values;
}

void test_field(Work& work) {
  constexpr uint32_t kCount = 128;
  const std::vector<Fp> pairs = sample(2 * kCount);
  std::vector<uint32_t> factors;
  for (uint32_t i = 0; i < kCount; ++i) {
    const uint32_t value = pairs[2 * i + 1].canonical();
    factors.push_back(value);
    factors.push_back(static_cast<uint32_t>((uint64_t{value} << 32) / Fp::kModulus));
  }
  const Array in = work.upload(std::span(pairs), "self-test");
  const Array known = work.upload(std::span<const uint32_t>(factors), "self-test");
  const Array out = work.words(8 * kCount, "self-test");
  work.recorder().threads(calls::FieldBase{in.range(), known.range(), out.range(), {kCount}}.call(), kCount);
  const std::vector<Fp> got = download(work, out.range());
  for (size_t i = 0; i < kCount; ++i) {
    const Fp a = pairs[2 * i], b = pairs[2 * i + 1];
    const Fp expected[8] = {a + b, a - b, a * b, a.halve(), a * b, a.pow(7), Fp::from_word(a.canonical()), a};
    for (size_t j = 0; j < 8; ++j) expect(got[8 * i + j] == expected[j], "base field result");
  }
}

void test_extension(Work& work) {
  constexpr uint32_t kCount = 64;
  const std::vector<Fp> words = sample(8 * kCount);
  const auto* pairs = reinterpret_cast<const Ext*>(words.data());
  const Array in = work.upload(std::span(words), "self-test"), out = work.words(16 * kCount, "self-test");
  work.recorder().threads(calls::FieldExt{in.range(), out.range(), {kCount}}.call(), kCount);
  const std::vector<Fp> got = download(work, out.range());
  const auto* results = reinterpret_cast<const Ext*>(got.data());
  for (size_t i = 0; i < kCount; ++i) {
    const Ext a = pairs[2 * i], b = pairs[2 * i + 1];
    const Ext expected[4] = {a + b, a - b, a * b, a * b.c[0]};
    for (size_t j = 0; j < 4; ++j) expect(results[4 * i + j] == expected[j], "extension field result");
  }
}

void test_hashing(Work& work) {
  constexpr uint32_t kRows = 256, kWidth = 11, kPerQuery = 4;
  const std::vector<Fp> matrix = sample(kRows * kWidth);
  const Array words = work.upload(std::span(matrix), "self-test");
  const DeviceTree tree(work, {words.range(), kRows, kWidth, 1, kRows}, kPerQuery);
  std::vector<Digest> leaves;
  for (size_t y = 0; y < kRows / kPerQuery; ++y) {
    std::vector<Digest> rows;
    for (size_t t = 0; t < kPerQuery; ++t) {
      std::vector<Fp> row;
      for (size_t c = 0; c < kWidth; ++c) row.push_back(matrix[c * kRows + y + t * (kRows / kPerQuery)]);
      rows.push_back(hash_slice(row));
    }
    leaves.push_back(tree_compress(rows));
  }
  const Digest expected = tree_compress(leaves);
  const std::vector<Fp> root = download(work, tree.layer(tree.depth()));
  expect(std::equal(root.begin(), root.end(), expected.begin()), "Merkle root");

  GrindPoint point{};
  for (uint32_t i = 0; i < 3; ++i) point.state[i] = Fp::from_u32(11 * (i + 1));
  point.position = 3;
  expect(grind(work, point, 10) == Fp::from_u32(1053), "proof-of-work witness (part 01, 6.3)");
}

// Part 03, 7.3 with l_skip = 2: one column of height 8, rate 1/2.
void test_encoding(Work& work) {
  std::vector<Fp> column(8, Fp::zero());
  for (uint32_t i = 0; i < 5; ++i) column[i] = Fp::from_u32(i + 1);
  const Array values = work.upload(std::span<const Fp>(column), "self-test");
  const Array message = work.words(8, "self-test"), codeword = work.words(16, "self-test");
  block_messages(work, values.range(), 8, message.range(), 8, 1, 3, 2);
  encode_columns(work, message.range(), 8, 1, 3, 4, codeword.range());
  const std::vector<Fp> got = download(work, codeword.range());
  const uint32_t expected[4] = {360885795, 161328897, 115165860, 1784787162};
  for (size_t i = 0; i < 4; ++i) expect(got[i].canonical() == expected[i], "codeword (part 03, 7.3)");
}

}  // namespace

void run_self_test(Work& work) {
  test_field(work);
  test_extension(work);
  test_hashing(work);
  test_encoding(work);
}

}  // namespace openswirl::gpu
