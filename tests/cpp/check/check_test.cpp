// Valid traces of the vectors pass; one wrong cell, public value or message is named at its place.
#include "check/check.h"

#include <memory>

#include "codec/verifying_key.h"
#include "googletest.h"
#include "openswirl/failure.h"
#include "vectors.h"

using namespace openswirl;

namespace {

// The traces of one case with the memory behind them.
struct Case {
  ProvingKey key;
  std::vector<vectors::Array> arrays;
  std::vector<CheckTrace> traces;

  explicit Case(const std::string& name) {
    const std::filesystem::path folder = vectors::folder() / name;
    key.vk = decode_verifying_key(vectors::read_bytes(folder / "vk.postcard"));
    key.airs.resize(key.vk.airs.size());
    arrays.reserve(100);
    for (uint32_t id = 0; id < key.airs.size(); ++id) {
      const std::string air = "air" + std::to_string(id);
      key.airs[id].name = air;
      if (key.vk.airs[id].width.preprocessed) load_preprocessed(id, folder / (air + "_preprocessed.npy"));
      if (!std::filesystem::exists(folder / (air + "_common.npy"))) continue;
      CheckTrace trace;
      trace.air_id = id;
      trace.common = load(folder / (air + "_common.npy"));
      for (size_t i = 0; i < key.vk.airs[id].width.cached_mains.size(); ++i) {
        trace.cached.push_back(load(folder / (air + "_cached" + std::to_string(i) + ".npy")));
      }
      traces.push_back(std::move(trace));
    }
  }

  CheckMatrix load(const std::filesystem::path& path) {
    const vectors::Array& array = arrays.emplace_back(vectors::read_npy(path));
    return {array.values.data(), array.shape[0], array.shape[1]};
  }

  // The stacked matrix alone, which is all that a check reads of a preprocessed commitment.
  void load_preprocessed(uint32_t id, const std::filesystem::path& path) {
    const CheckMatrix matrix = load(path);
    HostCommitment commitment;
    const SystemParams& params = key.vk.params;
    MatrixShape shape{matrix.columns, 0};
    while (uint64_t{1} << shape.log_height < matrix.rows) ++shape.log_height;
    commitment.layout = make_stacked_layout(static_cast<uint32_t>(params.l_skip),
                                            static_cast<uint32_t>(params.log_stacked_height()), {&shape, 1});
    commitment.stacked_height = uint64_t{1} << params.log_stacked_height();
    commitment.stacked.assign(commitment.stacked_height * commitment.layout.width, Fp::zero());
    for (const StackedSlice& slice : commitment.layout.slices) {
      for (uint64_t row = 0; row < matrix.rows; ++row) {
        commitment.stacked[slice.stacked_column * commitment.stacked_height + slice.start_row +
                           row * commitment.layout.stride(slice)] =
            Fp::from_u32(matrix.data[row * matrix.columns + slice.column]);
      }
    }
    key.airs[id].preprocessed = std::make_shared<const HostCommitment>(std::move(commitment));
  }

  uint32_t& cell(size_t trace, uint64_t row, uint64_t column) {
    const CheckMatrix& matrix = traces.at(trace).common;
    return const_cast<uint32_t*>(matrix.data)[row * matrix.columns + column];
  }

  CheckReport run(unsigned threads = 1, const CheckLimits& limits = {}) const {
    Context context;
    context.pool = std::make_shared<ThreadPool>(threads);
    return check(key, traces, limits, context);
  }
};

std::vector<Fp> fps(std::initializer_list<uint32_t> values) {
  std::vector<Fp> result;
  for (const uint32_t value : values) result.push_back(Fp::from_u32(value));
  return result;
}

template <class Body>
std::string input_error(Body body) {
  try {
    body();
  } catch (const Error& error) {
    return error.kind() == FailureKind::kInput ? error.what() : "wrong kind";
  }
  return "no error";
}

}  // namespace

TEST(Check, ValidTracesHaveNothingToReport) {
  for (const char* name : {"preprocessed_cached2", "interactions11", "cached11", "self_interaction_h0",
                           "self_interaction_h5", "keccakf_2"}) {
    EXPECT_TRUE(Case(name).run(2).ok());
  }
  Case random("random_1");
  const std::vector<std::vector<Fp>> public_values = {fps({150907878, 745516187}),
                                                      fps({1099095518, 927419700}),
                                                      fps({1863469554, 1797855930}),
                                                      {},
                                                      fps({511982072, 730640})};
  for (CheckTrace& trace : random.traces) trace.public_values = public_values[trace.air_id];
  EXPECT_TRUE(random.run(2).ok());
  random.traces[1].public_values[0] += Fp::one();
  EXPECT_FALSE(random.run(2).ok());
}

TEST(Check, NamesConstraintRowAndValuesOfAWrongCell) {
  Case c("fib_h3");
  c.traces[0].public_values = fps({0, 1, 21});
  EXPECT_TRUE(c.run().ok());
  c.cell(0, 3, 1) = 4;  // was 3
  const CheckReport report = c.run();
  EXPECT_TRUE(report.buses.empty());
  // l1 = l0' fails on row 3, l0 + l1 = l1' on rows 2 and 3.
  ASSERT_EQ(report.constraints.size(), 2u);
  EXPECT_EQ(report.constraints[0].constraint, 2u);
  EXPECT_EQ(report.constraints[0].num_rows, 1u);
  EXPECT_EQ(report.constraints[0].first[0].row, 3u);
  EXPECT_EQ(report.constraints[1].constraint, 3u);
  EXPECT_EQ(report.constraints[1].num_rows, 2u);
  const Violation& violation = report.constraints[1].first[0];
  EXPECT_EQ(violation.row, 2u);
  EXPECT_EQ(violation.value, Fp::minus_one());
  ASSERT_EQ(violation.variables.size(), 3u);
  EXPECT_EQ(violation.variables[0].variable, (Variable{Variable::Entry::kMain, 0, 0, 0}));
  EXPECT_EQ(violation.variables[2].variable, (Variable{Variable::Entry::kMain, 0, 1, 1}));
  EXPECT_EQ(violation.variables[0].value.canonical(), 1u);
  EXPECT_EQ(violation.variables[1].value.canonical(), 2u);
  EXPECT_EQ(violation.variables[2].value.canonical(), 4u);
}

TEST(Check, NamesAWrongPublicValueOnTheLastRow) {
  Case c("fib_h8");
  const uint32_t last = c.cell(0, 255, 1);
  c.traces[0].public_values = fps({0, 1, last});
  EXPECT_TRUE(c.run(2).ok());
  c.traces[0].public_values[2] += Fp::one();
  const CheckReport report = c.run(2);
  ASSERT_EQ(report.constraints.size(), 1u);
  EXPECT_EQ(report.constraints[0].constraint, 4u);
  EXPECT_EQ(report.constraints[0].first[0].row, 255u);
  EXPECT_EQ(report.constraints[0].first[0].value, Fp::minus_one());
}

// For any number of threads.
TEST(Check, LimitKeepsTheLowestRowsAndCountsAll) {
  Case c("fib_h8");
  c.traces[0].public_values = fps({0, 1, c.cell(0, 255, 1)});
  for (uint64_t row = 10; row < 200; row += 2) c.cell(0, row, 0) += 1;
  CheckLimits limits;
  limits.rows_per_constraint = 2;
  for (const unsigned threads : {1u, 4u}) {
    const CheckReport report = c.run(threads, limits);
    ASSERT_EQ(report.constraints.size(), 2u);
    EXPECT_EQ(report.constraints[0].num_rows, 95u);
    ASSERT_EQ(report.constraints[0].first.size(), 2u);
    EXPECT_EQ(report.constraints[0].first[0].row, 9u);
    EXPECT_EQ(report.constraints[0].first[1].row, 11u);
  }
}

TEST(Check, ListsUnbalancedMessagesWithNetCountsAndPlaces) {
  Case c("interactions11");
  c.cell(0, 3, 1) = 0;  // the sender's (546, 889) becomes (546, 0), as in part 09, 3
  const CheckReport report = c.run(2);
  EXPECT_TRUE(report.constraints.empty());
  ASSERT_EQ(report.buses.size(), 1u);
  const UnbalancedBus& bus = report.buses[0];
  EXPECT_EQ(bus.bus_index, 0u);
  EXPECT_EQ(bus.num_messages, 2u);
  ASSERT_EQ(bus.first.size(), 2u);
  EXPECT_EQ(bus.first[0].message, fps({0}));
  EXPECT_EQ(bus.first[0].net.canonical(), 546u);
  EXPECT_EQ(bus.first[0].num_places, 1u);
  EXPECT_EQ(bus.first[0].places[0].row, 3u);
  EXPECT_EQ(bus.first[1].message, fps({889}));
  EXPECT_EQ(bus.first[1].net, -Fp::from_u32(546));
  EXPECT_EQ(bus.first[1].num_places, 2u);
  ASSERT_EQ(bus.first[1].places.size(), 2u);
  EXPECT_EQ(bus.first[1].places[0].air_id, 1u);
  EXPECT_EQ(bus.first[1].places[0].row, 5u);
  EXPECT_EQ(bus.first[1].places[0].count, -Fp::from_u32(545));
  EXPECT_EQ(bus.first[1].places[1].row, 6u);
}

TEST(Check, ReadsPreprocessedColumnsFromTheirCommitment) {
  Case c("preprocessed_fib_h1");
  c.traces[0].public_values = fps({0, 1, c.cell(0, 1, 1)});
  EXPECT_TRUE(c.run().ok());
  c.cell(0, 1, 0) += 1;
  EXPECT_FALSE(c.run().ok());
}

TEST(Check, RefusesInputsThatCannotBeEvaluated) {
  Case c("cached11");
  EXPECT_TRUE(c.run().ok());
  const auto error_with = [&](auto change) {
    Case copy("cached11");
    change(copy);
    return input_error([&] { copy.run(); });
  };
  EXPECT_CONTAINS(error_with([](Case& x) { x.traces.clear(); }), "no trace");
  EXPECT_CONTAINS(error_with([](Case& x) { x.traces[0].air_id = 7; }), "AIR 7");
  EXPECT_CONTAINS(error_with([](Case& x) { x.traces.push_back(x.traces[0]); }), "two traces for AIR 0");
  EXPECT_CONTAINS(error_with([](Case& x) { x.traces[0].common.rows = 3; }), "not a power of two");
  EXPECT_CONTAINS(error_with([](Case& x) { x.traces[0].common.columns = 2; }), "2 columns, the key has 1");
  EXPECT_CONTAINS(error_with([](Case& x) { x.traces[0].cached.clear(); }), "0 cached parts, the key has 1");
  EXPECT_CONTAINS(error_with([](Case& x) { x.traces[0].cached[0].rows = 2; }), "2 rows, the common main 4");
  EXPECT_CONTAINS(error_with([](Case& x) { x.traces[0].public_values = fps({1}); }), "1 public values");
  EXPECT_CONTAINS(error_with([](Case& x) { x.cell(1, 6, 0) = Fp::kModulus; }),
                  "value 2013265921 at row 6, column 0");
  EXPECT_CONTAINS(input_error([] {
                    Case x("preprocessed_fib_h4");
                    x.traces[0].public_values = fps({0, 0, 0});
                    x.traces[0].common.rows = 8;
                    x.run();
                  }),
                  "8 rows, the preprocessed trace 16");
}
