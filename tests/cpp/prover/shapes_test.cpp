// Shapes that no vector has: the proof encodes, decodes and verifies.
#include "case.h"
#include "googletest.h"
#include "reference/backend.h"
#include "verifier/verifier.h"

using namespace openswirl;

namespace {

Node column(uint32_t part, uint32_t index, uint32_t offset = 0) {
  return Node::of(Variable{Variable::Entry::kMain, part, offset, index});
}
Node constant(int64_t value) { return Node::of(Fp::from_i64(value)); }
Node binary(Node::Kind kind, uint32_t left, uint32_t right, uint32_t degree) {
  Node node;
  node.kind = kind, node.left = left, node.right = right, node.degree = degree;
  return node;
}

SystemParams parameters(uint64_t l_skip, uint64_t n_stack, uint64_t k, std::vector<uint64_t> queries) {
  SystemParams params = SystemParams::test_small(2, 8, 3);
  params.l_skip = l_skip, params.n_stack = n_stack, params.whir.k = k,
  params.whir.num_queries = std::move(queries);
  return params;
}

// Column 1 is the square of column 0; both cached if asked for.
AirVk square_air(bool cached) {
  AirVk air;
  if (cached) {
    air.width.cached_mains = {2};
  } else {
    air.width.common_main = 2;
  }
  air.constraints.nodes = {column(0, 0), column(0, 1), binary(Node::Kind::kMul, 0, 0, 2),
                           binary(Node::Kind::kSub, 1, 2, 2)};
  air.constraints.constraint_idx = {3};
  air.max_constraint_degree = 2;
  return air;
}

// Sends and receives the message (7) on every row: degree 0.
AirVk constant_air() {
  AirVk air;
  air.width.common_main = 1;
  air.constraints.nodes = {constant(7), constant(1), constant(-1)};
  air.constraints.interactions = {{{0}, 1, 3, 0}, {{0}, 2, 3, 0}};
  air.max_constraint_degree = 0;
  return air;
}

// Sends column 0 of the next row, receives that of this row, both with the constant column 1.
AirVk rotating_bus_air() {
  AirVk air;
  air.width.common_main = 2;
  air.need_rot = true;
  air.constraints.nodes = {column(0, 0), column(0, 0, 1), constant(1), constant(-1), column(0, 1)};
  air.constraints.interactions = {{{1, 4}, 2, 0, 0}, {{0, 4}, 3, 0, 0}};
  air.max_constraint_degree = 1;
  return air;
}

struct Fixture {
  std::shared_ptr<Device> device = make_reference_backend()->open(0).take();
  Context context;
  std::shared_ptr<ProvingKey> key = std::make_shared<ProvingKey>();
  std::vector<AirTrace> traces;

  explicit Fixture(const SystemParams& params) { key->vk.params = params; }

  HostMatrix matrix(uint64_t rows, uint64_t columns, uint32_t (*cell)(uint64_t row, uint64_t column)) const {
    auto values = std::make_shared<std::vector<uint32_t>>();
    for (uint64_t row = 0; row < rows; ++row) {
      for (uint64_t c = 0; c < columns; ++c) values->push_back(cell(row, c));
    }
    return {values->data(), rows, columns, HostMatrix::Order::kRowMajor, values};
  }

  AirTrace& add(AirVk air, HostMatrix common) {
    key->vk.airs.push_back(std::move(air));
    key->airs.emplace_back();
    AirTrace& trace = traces.emplace_back();
    trace.air_id = static_cast<uint32_t>(key->vk.airs.size()) - 1;
    trace.common_main = std::move(common);
    return trace;
  }

  void add_square(uint64_t rows, bool cached) {
    const HostMatrix values =
        matrix(rows, 2, [](uint64_t row, uint64_t c) { return static_cast<uint32_t>(c ? row * row : row); });
    AirTrace& trace = add(square_air(cached), cached ? matrix(rows, 0, nullptr) : values);
    if (cached) trace.cached_mains.push_back(test_case::commit_one(*device, key->vk.params, values, context));
  }

  Proof make(bool verify_after = true) {
    key->vk.pre_hash = verifying_key_pre_hash(key->vk);
    ProveOptions options;
    options.verify_after = verify_after;
    return prove(*device, device->load_key(key, context).take(), traces, options, context);
  }

  // Proves, and verifies what comes back from the encoding.
  void round_trip() {
    try {
      EXPECT_TRUE(key->vk.params.invalid_reason().empty());
      const Proof decoded = decode_proof(encode_proof(make()));
      const Verdict verdict = verify(key->vk, decoded);
      EXPECT_EQ(verdict.check, "");
      EXPECT_TRUE(verdict.accepted);
    } catch (const Error& error) {
      ADD_FAILURE() << error.what();
    }
  }
};

uint32_t row_number(uint64_t row, uint64_t column) { return column == 0 ? static_cast<uint32_t>(row) : 9; }

}  // namespace

TEST(Shapes, CommonMainsOfWidthZero) {
  for (const uint64_t rows : {1, 2, 4, 32}) {
    Fixture alone(parameters(2, 8, 3, {10, 4, 2}));
    alone.add_square(rows, true);
    alone.round_trip();
    Fixture beside(parameters(2, 8, 3, {10, 4, 2}));
    beside.add_square(rows, true);
    beside.add_square(8, false);
    beside.round_trip();
  }
}

TEST(Shapes, AirOfDegreeZeroWithInteractions) {
  for (const uint64_t rows : {1, 4, 8}) {
    Fixture fixture(parameters(2, 8, 3, {10, 4, 2}));
    fixture.add(constant_air(), fixture.matrix(rows, 1, row_number));
    fixture.add_square(4, false);
    fixture.round_trip();
  }
}

// No skip domain, no stacked variables, one WHIR round, heights from one row to the stacked height.
TEST(Shapes, ParametersAndHeightsAtTheirLimits) {
  for (const uint64_t rows : {1, 2, 16, 256}) {
    Fixture flat(parameters(0, 8, 3, {10, 4}));
    flat.add(rotating_bus_air(), flat.matrix(rows, 2, row_number));
    flat.round_trip();
  }
  for (const uint64_t rows : {1, 2, 8}) {
    Fixture no_variables(parameters(3, 0, 2, {4}));
    no_variables.add(rotating_bus_air(), no_variables.matrix(rows, 2, row_number));
    no_variables.add_square(rows, false);
    no_variables.add_square(2, true);
    no_variables.round_trip();
  }
  Fixture constant_final(parameters(2, 4, 3, {4, 3}));  // the final polynomial is one coefficient
  constant_final.add_square(64, false);
  constant_final.add(rotating_bus_air(), constant_final.matrix(1, 2, row_number));
  constant_final.round_trip();
}

TEST(Shapes, ViolatedConstraintGivesNoAcceptedProof) {
  for (const uint64_t rows : {2, 16}) {
    Fixture fixture(parameters(2, 8, 3, {10, 4, 2}));
    fixture.add(square_air(false), fixture.matrix(rows, 2, [](uint64_t row, uint64_t c) {
      return static_cast<uint32_t>(c && row == 1 ? 5 : row);
    }));
    try {
      fixture.make();
      ADD_FAILURE() << "a proof of a violated constraint";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), FailureKind::kUnsatisfied);
      EXPECT_CONTAINS(error.what(), "run check");
      EXPECT_CONTAINS(error.what(), "run doctor");
      EXPECT_TRUE(error.failure().where.starts_with("BatchConstraintError."));
    }
    EXPECT_FALSE(verify(fixture.key->vk, fixture.make(false)).accepted);
  }
}

TEST(Shapes, UnbalancedBusGivesNoProof) {
  Fixture fixture(parameters(2, 8, 3, {10, 4, 2}));
  AirVk air = rotating_bus_air();
  air.constraints.interactions.pop_back();
  fixture.add(air, fixture.matrix(8, 2, row_number));
  try {
    fixture.make();
    ADD_FAILURE() << "a proof of an unbalanced bus";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), FailureKind::kUnbalancedBus);
    EXPECT_CONTAINS(error.what(), "run check");
  }
}

TEST(Shapes, ReturnsAllMemoryAndThePlanCoversThePeak) {
  Fixture fixture(parameters(2, 8, 3, {10, 4, 2}));
  fixture.add_square(32, true);
  fixture.add(rotating_bus_air(), fixture.matrix(16, 2, row_number));
  fixture.key->vk.pre_hash = verifying_key_pre_hash(fixture.key->vk);
  const uint64_t before = fixture.context.meter->current();
  EXPECT_GT(before, 0u);  // the cached commitment
  fixture.make();
  EXPECT_EQ(fixture.context.meter->current(), before);
  const std::vector<std::optional<uint32_t>> heights = {5, 4};
  const MemoryPlan plan =
      fixture.device->plan(fixture.key->vk, make_proof_shape(fixture.key->vk, heights)).take();
  EXPECT_LE(fixture.context.meter->peak(), plan.peak());
  EXPECT_LE(plan.peak(), 2 * fixture.context.meter->peak());

  Context small;
  small.meter = std::make_shared<MemoryMeter>(plan.peak() / 2);
  fixture.context = small;
  EXPECT_THROW(fixture.make(), Error);
  EXPECT_EQ(small.meter->current(), 0u);
}

TEST(Shapes, DevicePassesItsSelfTestAndRefusesMatrices) {
  Fixture fixture(parameters(2, 4, 3, {4, 3}));
  EXPECT_TRUE(fixture.device->self_test(fixture.context).ok());
  EXPECT_FALSE(fixture.device->import(fixture.matrix(3, 1, row_number), fixture.context).ok());
  const auto tall = fixture.device->import(fixture.matrix(128, 1, row_number), fixture.context).take();
  EXPECT_FALSE(fixture.device->commit(fixture.key->vk.params, {&tall, 1}, fixture.context).ok());
  const auto one = fixture.device->import(fixture.matrix(16, 1, row_number), fixture.context).take();
  const auto commitment = fixture.device->commit(fixture.key->vk.params, {&one, 1}, fixture.context).take();
  auto exported = std::make_shared<HostCommitment>(
      fixture.device->export_commitment(*commitment, fixture.context).take());
  const auto imported =
      fixture.device->import_commitment(fixture.key->vk.params, exported, fixture.context).take();
  EXPECT_EQ(imported->root(), commitment->root());
  EXPECT_FALSE(fixture.device->import_commitment(parameters(2, 8, 3, {4}), exported, fixture.context).ok());
}
