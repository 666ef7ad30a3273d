// Stacking, commitment and the WHIR opening stage: the worked layout of part 03, 6.6, the known-answer run of
// part 06, 9.2 with its challenges, and a run over random columns against the definitions.
#include "stages/opening.h"

#include "googletest.h"
#include "hash/sponge.h"
#include "openswirl/failure.h"
#include "poly/eq.h"
#include "poly/univariate.h"
#include "random_words.h"
#include "stage_inputs.h"
#include "stages/commitment.h"

using namespace openswirl;
using stages::HostCommitted;
using stages::SourceMatrix;

namespace {

SystemParams small_params(uint64_t l_skip, uint64_t n_stack, uint64_t k, std::vector<uint64_t> queries) {
  SystemParams params = SystemParams::test_small(l_skip, n_stack, k);
  params.whir.num_queries = std::move(queries);
  return params;
}

Ext ext(uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
  return {Fp::from_u32(a), Fp::from_u32(b), Fp::from_u32(c), Fp::from_u32(d)};
}
bool is(const Ext& value, uint32_t a, uint32_t b, uint32_t c, uint32_t d) { return value == ext(a, b, c, d); }

std::vector<uint32_t> canonical(std::span<const Digest> digests) {
  std::vector<uint32_t> result;
  for (const Fp value : digests[0]) result.push_back(value.canonical());
  return result;
}

struct Prepared {
  std::vector<std::unique_ptr<HostCommitted>> commitments;
  stages::StageInputs inputs;
};
Prepared prepare(const SystemParams& params, unsigned threads,
                 std::span<const std::vector<SourceMatrix>> lists) {
  Prepared result;
  result.inputs.context = stages_test::context(threads);
  result.inputs.shape.params = params;
  for (const auto& list : lists) {
    result.commitments.push_back(std::make_unique<HostCommitted>(result.inputs.context, params, list));
    result.inputs.commitments.push_back(result.commitments.back()->view());
    CommitmentShape shape;
    shape.layout = result.commitments.back()->layout();
    result.inputs.shape.commitments.push_back(shape);
  }
  return result;
}

}  // namespace

// From rows or columns.
TEST(Opening, StacksColumnsAsInTheWorkedLayout) {
  const SystemParams params = small_params(2, 1, 1, {1});
  // Trace order 1, 5, 2, 4, 0, 3 of part 03, 6.6: (width, height).
  const uint64_t shapes[6][2] = {{2, 8}, {1, 8}, {0, 4}, {2, 4}, {1, 2}, {1, 1}};
  for (const bool row_major : {true, false}) {
    std::vector<std::vector<uint32_t>> data;
    std::vector<SourceMatrix> matrices;
    for (const auto& [width, height] : shapes) {
      data.emplace_back();
      for (uint64_t i = 0; i < width * height; ++i)
        data.back().push_back(static_cast<uint32_t>(100 * data.size() + i));
      matrices.push_back({data.back().data(), height, width, row_major});
    }
    const Context context = stages_test::context(1);
    const HostCommitment host = HostCommitted(context, params, matrices).to_host();
    EXPECT_EQ(host.stacked_width, 5u);
    const auto cell = [&](uint64_t column, uint64_t row) {
      return host.stacked[column * 8 + row].canonical();
    };
    for (uint64_t row = 0; row < 8; ++row) {
      EXPECT_EQ(cell(0, row), row_major ? 100 + 2 * row : 100 + row);
      EXPECT_EQ(cell(1, row), row_major ? 101 + 2 * row : 108 + row);
      EXPECT_EQ(cell(2, row), 200 + row);
      EXPECT_EQ(cell(3, row), row_major ? 400 + row % 4 * 2 + row / 4 : 400 + row);
    }
    const uint32_t last[8] = {500, 0, 501, 0, 600, 0, 0, 0};
    for (uint64_t row = 0; row < 8; ++row) EXPECT_EQ(cell(4, row), last[row]);

    // A commitment survives the way through its host form; one of other parameters is refused.
    const HostCommitted again(context, params, std::make_shared<const HostCommitment>(host));
    EXPECT_EQ(again.root(), host.root());
    EXPECT_EQ(again.to_host().codeword, host.codeword);
    EXPECT_THROW(
        HostCommitted(context, small_params(2, 2, 1, {1}), std::make_shared<const HostCommitment>(host)),
        Error);
    std::swap(matrices[0], matrices[4]);
    EXPECT_THROW(HostCommitted(context, params, matrices), Error);
  }
}

// Part 06, 9.2.
TEST(Opening, KnownAnswerRun) {
  const SystemParams params = small_params(2, 3, 2, {3, 2});
  std::vector<uint32_t> columns[3];
  for (uint64_t s = 0; s < 3; ++s) {
    for (uint64_t i = 0; i < 32; ++i) {
      columns[s].push_back(
          static_cast<uint32_t>(((s + 2) * i * i * i + 17 * i * i + 1000 * s + 1) % Fp::kModulus));
    }
  }
  std::vector<uint32_t> first = columns[0];
  first.insert(first.end(), columns[1].begin(), columns[1].end());
  const std::vector<SourceMatrix> lists[2] = {{{first.data(), 32, 2, false}},
                                              {{columns[2].data(), 32, 1, true}}};
  for (const unsigned threads : {1u, 2u}) {
    const Prepared prepared = prepare(params, threads, lists);
    EXPECT_EQ(canonical({&prepared.commitments[0]->root(), 1}),
              (std::vector<uint32_t>{202883169, 1723207556, 17443134, 1077740304, 1310820061, 203118526,
                                     1571770551, 207463947}));
    EXPECT_EQ(canonical({&prepared.commitments[1]->root(), 1}),
              (std::vector<uint32_t>{1292392624, 674268356, 483509111, 1802638762, 1041968036, 1137891016,
                                     1633667925, 1549768643}));

    std::vector<Ext> u{ext(1, 2, 3, 4)};
    for (uint32_t j = 1; j <= 3; ++j) u.push_back(ext(10 * j + 1, 10 * j + 2, 10 * j + 3, 10 * j + 4));
    stages::OpeningStage stage(prepared.inputs, u, ext(260362528, 17993389, 765642637, 357541241));
    const auto s = stage.next(nullptr);
    EXPECT_TRUE(is(s[0], 1077283960, 631992625, 1181500307, 927714537));
    EXPECT_TRUE(is(s[1], 1939340774, 21725091, 1651136717, 1428243316));
    const Ext alpha00 = ext(1377427168, 857269460, 245108961, 1618765127);
    stage.next(&alpha00);
    const Digest root = stage.commit_folded(ext(398103782, 1995252061, 122785347, 283321255));
    EXPECT_EQ(canonical({&root, 1}), (std::vector<uint32_t>{214752544, 1029169032, 1923433534, 1902054989,
                                                            462935494, 282504281, 606538633, 763763049}));
    const Ext z0 = ext(429318648, 83078397, 256575084, 1230950340);
    EXPECT_TRUE(is(stage.evaluate(z0), 105880968, 717136630, 327983120, 1898669242));
    const std::vector<uint32_t> indices{4, 3, 10};
    const auto opened = stage.open(indices);
    ASSERT_EQ(opened.initial_rows.size(), 2u);
    ASSERT_EQ(opened.initial_rows[0].values.size(), 3 * 4 * 2);
    const uint32_t rows[8] = {709891728, 628469278,  1932834640, 1192705541,
                              338923402, 1059278422, 55840657,   646346981};
    for (size_t i = 0; i < 8; ++i) EXPECT_EQ(opened.initial_rows[0].values[i].canonical(), rows[i]);
    ASSERT_EQ(opened.initial_paths[0].depth, 4);
    ASSERT_EQ(opened.initial_paths[0].digests.size(), 12u);
    EXPECT_EQ(canonical(opened.initial_paths[0].digests),
              (std::vector<uint32_t>{1029903097, 1561100182, 1100484766, 1684219249, 1063992926, 1916274856,
                                     1396410046, 626712853}));
    stage.update(z0, indices, ext(909255117, 877873911, 11436016, 1065947343));

    stage.next(nullptr);
    const Ext alpha10 = ext(1337874257, 835806117, 1864462007, 1859474373);
    stage.next(&alpha10);
    const auto tail = stage.tail(ext(1105043081, 462875835, 1669077863, 1154555458));
    ASSERT_EQ(tail.size(), 2u);
    EXPECT_TRUE(is(tail[0], 1935337541, 1944007018, 975756158, 1635024413));
    EXPECT_TRUE(is(tail[1], 93496909, 1334484412, 82048502, 328863491));
    const auto second = stage.open(std::vector<uint32_t>{1, 4});
    ASSERT_EQ(second.codeword_values.values.size(), 8u);
    ASSERT_EQ(second.codeword_paths.depth, 3);
    EXPECT_TRUE(is(second.codeword_values.values[0], 301269036, 117713895, 838786051, 1470877855));
  }
}

// The final equation of the verifier (part 06, 8) on claims that start from the definition of the opening.
// The sizes reach the vector and block paths.
TEST(Opening, FoldsAndWeightUpdatesSatisfyTheFinalEquation) {
  const SystemParams params = small_params(3, 11, 2, {5, 4, 3});
  std::vector<uint32_t> tall = stages_test::words(19 << 14, 1), low = stages_test::words(7 << 5, 2);
  const std::vector<SourceMatrix> lists[2] = {{{tall.data(), 1 << 14, 19, true}, {low.data(), 32, 7, true}},
                                              {{low.data(), 32, 6, false}}};
  const Prepared prepared = prepare(params, 2, lists);
  const auto random = stages_test::words(400, 3);
  size_t used = 0;
  const auto challenge = [&] { return stages_test::ext(&random[4 * used++]); };
  std::vector<Ext> u;
  for (size_t i = 0; i < 12; ++i) u.push_back(challenge());
  const Ext mu = challenge();

  // The opening claim by its definition: every stacked column at the prism point, batched by powers of mu.
  Ext claim = Ext::zero(), power = Ext::one();
  const std::vector<Ext> cube = prism_to_cube(u, 3);
  const std::vector<Ext> eq = eq_table(std::span<const Ext>(cube));
  for (const auto& commitment : prepared.commitments) {
    const HostCommitment host = commitment->to_host();
    for (uint64_t c = 0; c < host.stacked_width; ++c, power *= mu) {
      std::vector<Fp> column(host.stacked.begin() + static_cast<ptrdiff_t>(c << 14),
                             host.stacked.begin() + static_cast<ptrdiff_t>((c + 1) << 14));
      evaluations_to_message(std::span(column), 3);
      Ext value = Ext::zero();
      for (size_t i = 0; i < column.size(); ++i) value += eq[i] * column[i];
      claim += power * value;
    }
  }

  struct Point {
    uint32_t round;
    Ext z, weight;
  };
  std::vector<Point> points;
  std::vector<Ext> alphas;
  stages::OpeningStage stage(prepared.inputs, u, mu);
  for (uint32_t round = 0; round < 3; ++round) {
    Ext alpha = Ext::zero();
    for (uint32_t fold = 0; fold < 2; ++fold) {
      const auto s = stage.next(fold == 0 ? nullptr : &alpha);
      alpha = challenge();
      alphas.push_back(alpha);
      claim = interpolate_at(std::vector<Ext>{claim - s[0], s[0], s[1]}, alpha);
    }
    if (round == 2) {
      const auto tail = stage.tail(alpha);
      ASSERT_EQ(tail.size(), size_t{1} << (14 - 6));
      const std::vector<Ext> eq_rest = eq_table(std::span<const Ext>(cube).subspan(6));
      Ext table_value = Ext::zero();
      for (size_t i = 0; i < tail.size(); ++i) table_value += eq_rest[i] * tail[i];
      Ext expected =
          mobius_eq(std::span<const Ext>(cube).first(6), std::span<const Ext>(alphas)) * table_value;
      for (const Point& point : points) {
        const size_t bound = (point.round + 1) * 2;
        std::vector<Ext> powers_of_z;
        Ext z = point.z;
        for (size_t j = bound; j < 6; ++j, z = z.square()) powers_of_z.push_back(z);
        expected += point.weight * horner(std::span<const Ext>(tail), z) *
                    eq_eval(std::span<const Ext>(alphas).subspan(bound), std::span<const Ext>(powers_of_z));
      }
      EXPECT_EQ(claim, expected);
      break;
    }
    stage.commit_folded(alpha);
    const Ext z0 = challenge(), gamma = challenge();
    std::vector<uint32_t> indices;
    for (uint32_t l = 0; l < 5; ++l) indices.push_back((l * 977 + 13) % (1u << (13 - round)));
    points.push_back({round, z0, gamma});
    for (const uint32_t index : indices) {
      points.push_back(
          {round, Ext(two_adic_generator(15 - round - 2).pow(index)), points.back().weight * gamma});
    }
    for (size_t i = points.size() - indices.size() - 1; i < points.size(); ++i) {
      claim += points[i].weight * stage.evaluate(points[i].z);
    }
    stage.update(z0, indices, gamma);
  }
}
