// Keys remade from the DAGs of the vectors, the Fibonacci key of part 02, 5.4, height constraints and errors.
#include "keygen/keygen.h"

#include "codec/verifying_key.h"
#include "googletest.h"
#include "keygen/derived_ops.h"
#include "openswirl/failure.h"
#include "vectors.h"

using namespace openswirl;

namespace {

using Definitions = std::vector<std::shared_ptr<const AirDefinition>>;

const CommitPreprocessed kNoCommit = [](const SystemParams&,
                                        const PreprocessedTrace&) -> std::shared_ptr<const HostCommitment> {
  throw std::runtime_error("nothing to commit");
};

SystemParams small() { return SystemParams::test_small(2, 8, 3); }

Tree local(SymbolicTrees& trees, uint32_t index) {
  return trees.variable({Variable::Entry::kMain, 0, 0, index});
}

AirDefinition fibonacci() {
  Recording r;
  SymbolicTrees& t = r.trees;
  const auto next = [&](uint32_t i) { return t.variable({Variable::Entry::kMain, 0, 1, i}); };
  const auto pub = [&](uint32_t i) { return t.variable({Variable::Entry::kPublic, 0, 0, i}); };
  const Tree l0 = local(t, 0), l1 = local(t, 1);
  const std::vector<Tree> first = {t.selector(Node::Kind::kIsFirstRow)};
  const std::vector<Tree> transition = {t.selector(Node::Kind::kIsTransition)};
  const std::vector<Tree> last = {t.selector(Node::Kind::kIsLastRow)};
  r.assert_zero(first, t.sub(l0, pub(0)), "fib:1");
  r.assert_zero(first, t.sub(l1, pub(1)), "fib:2");
  r.assert_zero(transition, t.sub(l1, next(0)), "fib:3");
  r.assert_zero(transition, t.sub(t.add(l0, l1), next(1)), "fib:4");
  r.assert_zero(last, t.sub(l1, pub(2)), "fib:5");
  AirDefinition air;
  air.name = "Fibonacci";
  air.width.common_main = 2;
  air.num_public_values = 3;
  set_recording(air, r);
  return air;
}

// A sender of one field with a given count weight (part 09, 1.3).
AirDefinition sender(uint16_t bus, uint32_t weight) {
  Recording r;
  const Tree field = local(r.trees, 1), count = local(r.trees, 0);
  r.interactions.push_back({{field}, count, bus, weight, "send:1"});
  AirDefinition air;
  air.name = "Sender";
  air.width.common_main = 2;
  set_recording(air, r);
  return air;
}

ProvingKey make(const std::vector<AirDefinition>& airs, std::span<const uint32_t> required = {},
                const SystemParams& params = small()) {
  Definitions shared;
  for (const AirDefinition& air : airs) shared.push_back(std::make_shared<AirDefinition>(air));
  return keygen(params, shared, required, kNoCommit);
}

std::string error_of(const std::vector<AirDefinition>& airs, std::span<const uint32_t> required = {},
                     const SystemParams& params = small()) {
  try {
    make(airs, required, params);
  } catch (const Error& error) {
    return error.kind() == FailureKind::kKeygen ? error.what() : "wrong kind";
  }
  return "no error";
}

}  // namespace

// Part 02, 5.4.
TEST(Keygen, FibonacciKey) {
  const ProvingKey key = make({fibonacci()});
  const AirVk& air = key.vk.airs[0];
  EXPECT_EQ(air.constraints.constraint_idx, (std::vector<uint32_t>{4, 8, 12, 16, 20}));
  EXPECT_EQ(air.constraints.nodes.size(), 21u);
  EXPECT_EQ(encode_inner_verifying_key(key.vk).size(), 126u);
  const std::vector<uint32_t> expected = {471505953,  1807114792, 170193425, 441704158,
                                          1816165566, 828129030,  622714888, 981876475};
  for (size_t i = 0; i < 8; ++i) EXPECT_EQ(key.vk.pre_hash[i].canonical(), expected[i]);
  EXPECT_EQ(key.airs[0].constraint_sources,
            (std::vector<std::string>{"fib:1", "fib:2", "fib:3", "fib:4", "fib:5"}));
  EXPECT_EQ(key.airs[0].name, "Fibonacci");
}

// From their DAGs, equal to the byte.
TEST(Keygen, RemakesTheKeysOfTheVectors) {
  size_t compared = 0;
  for (const std::string& name : vectors::cases()) {
    SCOPED_TRACE(name);
    const std::vector<uint8_t> bytes = vectors::read_bytes(vectors::folder() / name / "vk.postcard");
    const VerifyingKey vk = decode_verifying_key(bytes);
    Definitions airs;
    std::vector<uint32_t> required;
    std::vector<vectors::Array> traces(vk.airs.size());
    std::vector<Digest> roots;
    for (size_t id = 0; id < vk.airs.size(); ++id) {
      const AirVk& air = vk.airs[id];
      AirDefinition definition;
      definition.name = "AIR " + std::to_string(id);
      definition.width = air.width;
      definition.num_public_values = air.num_public_values;
      definition.constraints = air.constraints;
      definition.degree = dag_degree(air.constraints);
      if (air.width.preprocessed) {
        traces[id] =
            vectors::read_npy(vectors::folder() / name / ("air" + std::to_string(id) + "_preprocessed.npy"));
        definition.preprocessed =
            PreprocessedTrace{traces[id].values.data(), traces[id].shape[0], traces[id].shape[1], nullptr};
        roots.push_back(air.preprocessed->commit);
      }
      if (air.is_required) required.push_back(static_cast<uint32_t>(id));
      airs.push_back(std::make_shared<AirDefinition>(std::move(definition)));
    }
    // Committing is a device's work; here the roots come from the vectors.
    size_t commits = 0;
    const ProvingKey key =
        keygen(vk.params, airs, required, [&](const SystemParams&, const PreprocessedTrace&) {
          HostCommitment commitment;
          commitment.digest_layers = {{roots.at(commits++)}};
          return std::make_shared<const HostCommitment>(std::move(commitment));
        });
    EXPECT_EQ(encode_verifying_key(key.vk), bytes);
    EXPECT_EQ(key.vk, vk);
    ++compared;
  }
  EXPECT_EQ(compared, 45u);
}

// Part 02, 4.5.
TEST(Keygen, HeightConstraints) {
  AirDefinition table = sender(0, 0);
  const ProvingKey kept = make({table, sender(0, 3), sender(0, 1), sender(1, 7)});
  const std::vector<HeightConstraint> expected = {
      {{0, 3, 1, 0}, Fp::kModulus}, {{0, 0, 0, 7}, Fp::kModulus}, {{1, 1, 1, 1}, 1u << 30}};
  EXPECT_EQ(kept.vk.height_constraints, expected);
  const ProvingKey global = make({table, sender(0, 0), sender(1, 0)});
  EXPECT_EQ(global.vk.height_constraints, (std::vector<HeightConstraint>{{{1, 1, 1}, 1u << 30}}));
  EXPECT_EQ(make({fibonacci()}).vk.height_constraints, (std::vector<HeightConstraint>{{{0}, 1u << 30}}));
}

// The earlier of equal ones stays, and the order.
TEST(Keygen, MinimisingDropsImpliedConstraints) {
  using List = std::vector<HeightConstraint>;
  EXPECT_EQ(minimise(List{{{1, 2}, 10}, {{1, 2}, 10}}), (List{{{1, 2}, 10}}));
  EXPECT_EQ(minimise(List{{{1, 2}, 10}, {{5, 0}, 9}, {{1, 3}, 10}}), (List{{{5, 0}, 9}, {{1, 3}, 10}}));
  EXPECT_EQ(minimise(List{{{1, 2}, 10}, {{1, 1}, 11}}), (List{{{1, 2}, 10}}));
  EXPECT_EQ(minimise(List{{{1, 2}, 10}, {{1, 1}, 9}}), (List{{{1, 2}, 10}, {{1, 1}, 9}}));
}

TEST(Keygen, UnusedVariablesAndRotationCountDeadNodes) {
  AirDefinition air;
  air.name = "Dead";
  air.width.cached_mains = {1};
  air.width.common_main = 2;
  Recording r;
  SymbolicTrees& t = r.trees;
  const Tree dead = t.variable({Variable::Entry::kMain, 1, 1, 0});
  r.assert_zero({}, t.add(t.mul(dead, t.constant(Fp::zero())), t.variable({Variable::Entry::kMain, 0, 0, 0})),
                "");
  set_recording(air, r);
  const AirVk vk = make({air}).vk.airs[0];
  EXPECT_TRUE(vk.need_rot);
  using enum Variable::Entry;
  const std::vector<Variable> expected = {
      {kMain, 0, 1, 0}, {kMain, 1, 0, 0}, {kMain, 1, 0, 1}, {kMain, 1, 1, 1}};
  EXPECT_EQ(vk.unused_variables, expected);
}

// The order of part 02, 4.2.
TEST(Keygen, ErrorsNameTheAirAndComeInOrder) {
  AirDefinition no_width = sender(0, 0);
  no_width.width.common_main = 0;
  EXPECT_CONTAINS(error_of({no_width}), "AirWidthZero");
  AirDefinition nothing;
  nothing.name = "Idle";
  nothing.width.common_main = 1;
  EXPECT_CONTAINS(error_of({nothing}), "\"Idle\": no constraint and no interaction");

  AirDefinition empty_message = sender(0, 0);
  Recording r;
  const Tree x = local(r.trees, 0);
  r.interactions.push_back({{x}, x, 0, 0, "a.py:1"});
  r.interactions.push_back({{}, x, 0, 0, "a.py:2"});
  r.assert_zero({}, exp_const(r.trees, x, 4), "a.py:3");
  set_recording(empty_message, r);
  EXPECT_CONTAINS(error_of({empty_message}),
                  "interaction 1 has an empty message (InteractionMessageEmpty), recorded at a.py:2");

  AirDefinition too_high = sender(0, 0);
  Recording quartic;
  quartic.assert_zero({},
                      quartic.trees.mul(exp_const(quartic.trees, local(quartic.trees, 0), 4),
                                        quartic.trees.constant(Fp::zero())),
                      "");
  set_recording(too_high, quartic);
  EXPECT_CONTAINS(error_of({too_high}), "degree 4 exceeds the max_constraint_degree 3");
  // The first failing AIR decides.
  EXPECT_CONTAINS(error_of({too_high, no_width}), "MaxConstraintDegreeExceeded");
  EXPECT_CONTAINS(error_of({no_width, too_high}), "AirWidthZero");

  AirDefinition long_message = sender(0, 0);
  Recording fields;
  const Tree y = local(fields.trees, 0);
  fields.interactions.push_back({std::vector<Tree>(127, y), y, 0, 0, ""});
  set_recording(long_message, fields);
  EXPECT_EQ(error_of({long_message}), "no error");
  fields.interactions.push_back({std::vector<Tree>(128, y), y, 0, 0, "b.py:9"});
  set_recording(long_message, fields);
  EXPECT_CONTAINS(error_of({long_message}),
                  "interaction 1 has 128 fields; the parameters allow 127, recorded at b.py:9");
  EXPECT_CONTAINS(error_of({long_message, too_high}), "MaxConstraintDegreeExceeded");

  AirDefinition heavy = sender(3, 0xffffffffu);
  EXPECT_EQ(error_of({heavy}), "no error");
  heavy.constraints.interactions.push_back(heavy.constraints.interactions[0]);
  EXPECT_CONTAINS(error_of({heavy}), "count weights on bus 3 sum to more than 2^32 - 1");
}

// Parameters, ids, preprocessed traces and DAGs.
TEST(Keygen, RefusesWhatHasNoKey) {
  SystemParams params = small();
  params.whir.k = 0;
  EXPECT_CONTAINS(error_of({fibonacci()}, {}, params), "invalid system parameters");
  EXPECT_CONTAINS(error_of({}), "no AIR");
  const std::vector<uint32_t> required = {0, 1};
  EXPECT_CONTAINS(error_of({fibonacci()}, required), "AIR id 1 is required");
  EXPECT_TRUE(make({fibonacci(), fibonacci()}, required).vk.airs[1].is_required);

  const std::vector<uint32_t> cells(2048, 5), large = {Fp::kModulus, 0};
  const auto with_trace = [&](const uint32_t* data, uint64_t rows, uint64_t columns) {
    AirDefinition air = fibonacci();
    air.width.preprocessed = columns;
    air.preprocessed = PreprocessedTrace{data, rows, columns, nullptr};
    return error_of({air});
  };
  EXPECT_CONTAINS(with_trace(cells.data(), 3, 1), "(3 x 1) must have a power of two of rows");
  EXPECT_CONTAINS(with_trace(cells.data(), 2048, 1), "more rows than the stacked height 2^10");
  EXPECT_CONTAINS(with_trace(cells.data(), 4, 0), "no columns");
  EXPECT_CONTAINS(with_trace(large.data(), 2, 1), "value 2013265921 at row 0, column 0 is not below p");

  AirDefinition cyclic = fibonacci();
  cyclic.constraints.nodes[3].right = 3;
  EXPECT_CONTAINS(error_of({cyclic}), "node 3 has an operand that does not precede it");
  AirDefinition narrow = fibonacci();
  narrow.width.common_main = 1;
  EXPECT_CONTAINS(error_of({narrow}), "node 5 names column or public value 1 of 1");
  AirDefinition no_public = fibonacci();
  no_public.num_public_values = 2;
  EXPECT_CONTAINS(error_of({no_public}), "names column or public value 2 of 2");
  AirDefinition far = fibonacci();
  far.constraints.constraint_idx.back() = 21;
  EXPECT_CONTAINS(error_of({far}), "constraint node 21 does not exist");
}

TEST(Keygen, RefusesAbsurdNumbersOfColumnsAndPublicValues) {
  AirDefinition wide = sender(0, 0);
  wide.width.common_main = (uint64_t{1} << 22) + 1;
  EXPECT_CONTAINS(error_of({wide}), "\"Sender\" has 4194305 columns, at most 2^22 = 4194304 are possible");
  wide.width.common_main = 2;
  wide.width.cached_mains = {uint64_t{1} << 21, uint64_t{1} << 21};
  EXPECT_CONTAINS(error_of({wide}), "has 4194306 columns");
  wide.width.cached_mains = {~uint32_t{0}, 2};
  EXPECT_CONTAINS(error_of({wide}), "columns, at most");
  wide.width.cached_mains.clear();
  wide.num_public_values = uint64_t{1} << 40;
  EXPECT_CONTAINS(error_of({wide}), "1099511627776 public values");
  wide.num_public_values = uint64_t{1} << 22;
  EXPECT_EQ(error_of({wide}), "no error");
}
