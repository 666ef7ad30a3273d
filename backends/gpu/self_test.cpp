#include "gpu/self_test.h"

#include <algorithm>

#include "gpu/encode.h"
#include "gpu/merkle.h"
#include "gpu/rate_chains.h"
#include "gpu/self_test_values.h"
#include "hash/sponge.h"

namespace openswirl::gpu {
namespace {

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

void test_memory(Work& work) {
  constexpr uint32_t kWords = 300;
  const std::vector<Fp> words = sample(kWords);
  const Array in = work.upload(std::span(words), "self-test"), copied = work.words(kWords, "self-test"),
              filled = work.words(kWords, "self-test");
  const uint32_t word = words.back().word();
  work.recorder().threads(calls::MemoryCopy{in.range(), copied.range(), {kWords}}.call(), kWords);
  work.recorder().threads(calls::MemoryFill{filled.range(), {kWords, word}}.call(), kWords);
  expect(download(work, copied.range()) == words, "copy of words");
  expect(download(work, filled.range()) == std::vector<Fp>(kWords, words.back()), "fill of words");
}

template <class Kernel>
void test_chain(Work& work, const RateChains& chains, Fp expected, const char* what) {
  constexpr uint32_t kThreads = 256;
  const Array sums = work.words(kThreads, "self-test");
  work.recorder().threads(Kernel{sums.range(), chains.args()}.call(), kThreads);
  expect(download(work, sums.range())[0] == expected, std::string("chain of ") + what);
}

// What ceilings are measured with.
void test_rates(Work& work) {
  const RateChains chains(5);
  test_chain<calls::RatesMultiply>(work, chains, chains.multiplied(), "multiplications");
  test_chain<calls::RatesAdd>(work, chains, chains.added(), "additions");
  test_chain<calls::RatesButterfly>(work, chains, chains.butterflies(), "butterflies");
  test_chain<calls::RatesAccumulate>(work, chains, chains.accumulated(), "multiply-accumulates");
  test_chain<calls::RatesExtMultiply>(work, chains, chains.ext_multiplied(), "extension multiplications");

  constexpr uint32_t kQuads = 700, kThreads = 256;
  const std::vector<Fp> words = sample(4 * kQuads);
  const Array in = work.upload(std::span(words), "self-test"), sums = work.words(kThreads, "self-test");
  work.recorder().threads(calls::RatesRead{in.range(), sums.range(), {kQuads, kThreads}}.call(), kThreads);
  uint32_t sum = 0, expected = 0;
  for (const Fp word : download(work, sums.range())) sum += word.word();
  for (const Fp word : words) expected += word.word();
  expect(sum == expected, "sum of words that are read once");
}

void test_permutation(Work& work) {
  constexpr uint32_t kStates = 70;
  std::vector<Fp> states = sample(16 * kStates);
  const Array words = work.upload(std::span<const Fp>(states), "self-test");
  work.recorder().threads(calls::FieldPermute{words.range(), {kStates}}.call(), kStates);
  const std::vector<Fp> got = download(work, words.range());
  for (size_t i = 0; i < kStates; ++i) {
    SpongeState state;
    std::copy_n(&states[16 * i], 16, state.begin());
    poseidon2_permute(state);
    expect(std::equal(state.begin(), state.end(), &got[16 * i]), "permutation");
  }
}

// The rows of a query side by side in a group, and one after the other.
void test_trees(Work& work) {
  constexpr uint32_t kRows = 512, kWidth = 11;
  const std::vector<Fp> matrix = sample(kRows * kWidth);
  const Array words = work.upload(std::span(matrix), "self-test");
  for (const size_t per_query : {4, 512}) {
    const DeviceTree tree(work, {words.range(), kRows, kWidth, 1, kRows}, per_query);
    std::vector<Digest> leaves;
    for (size_t y = 0; y < kRows / per_query; ++y) {
      std::vector<Digest> rows;
      for (size_t t = 0; t < per_query; ++t) {
        std::vector<Fp> row;
        for (size_t c = 0; c < kWidth; ++c) row.push_back(matrix[c * kRows + y + t * (kRows / per_query)]);
        rows.push_back(hash_slice(row));
      }
      leaves.push_back(tree_compress(rows));
    }
    const Digest expected = tree_compress(leaves);
    const std::vector<Fp> root = download(work, tree.layer(tree.depth()));
    expect(std::equal(root.begin(), root.end(), expected.begin()), "Merkle root");
  }
}

// Part 01, 6.3: the state 11, 22, 33, 0, .. and the witness at position 3.
void test_search(Work& work) {
  GrindArgs args{};
  for (uint32_t i = 0; i < 3; ++i) args.state[i] = Fp::from_u32(11 * (i + 1)).word();
  args.position = 3;
  args.mask = (1u << 10) - 1;
  args.count = 1 << 11;
  const Array smallest = work.words(4, "self-test");
  work.recorder().fill(smallest.range(), ~uint32_t{0});
  work.recorder().threads(calls::Grind{smallest.words(0, 1), args}.call(), args.count);
  expect(download(work, smallest.words(0, 1))[0].word() == 1053, "proof-of-work witness (part 01, 6.3)");
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

// Those of the device's tuning first.
std::vector<Tuning> all_variants(const Tuning& tuning) {
  std::vector<Tuning> result{tuning};
  size_t most = 1;
  for (const KernelInfo& info : kernel_infos()) most = std::max(most, info.variants.size());
  for (size_t step = 1; step < most; ++step) {
    Tuning& other = result.emplace_back();
    for (size_t k = 0; k < kNumKernels; ++k) {
      other[k] = static_cast<uint8_t>((tuning[k] + step) % kernel_infos()[k].variants.size());
    }
  }
  return result;
}

}  // namespace

void run_self_test(Work& work) {
  test_field(work);
  test_extension(work);
  test_memory(work);
  test_rates(work);
  for (const Tuning& tuning : all_variants(work.engine()->tuning)) {
    work.recorder().retune(tuning);
    test_permutation(work);
    test_trees(work);
    test_search(work);
  }
  work.recorder().retune(work.engine()->tuning);
  test_encoding(work);
  test_stages(work);
}

}  // namespace openswirl::gpu
