// The stages of a made-up proof on a device, each beside the host's.
#include "gpu/committed.h"
#include "gpu/constraint_sum.h"
#include "gpu/logup_input.h"
#include "gpu/opening.h"
#include "gpu/self_test_values.h"
#include "gpu/stacked_sum.h"
#include "stages/constraint_sum.h"
#include "stages/fraction_tree.h"
#include "stages/opening.h"
#include "stages/stacked_sum.h"
#include "workers/session_inputs.h"

namespace openswirl::gpu {
namespace {

using Kind = Node::Kind;

uint32_t add(AirVk& air, const Node& node) {
  air.constraints.nodes.push_back(node);
  return static_cast<uint32_t>(air.constraints.nodes.size() - 1);
}
uint32_t leaf(AirVk& air, Kind kind) {
  Node node;
  node.kind = kind;
  return add(air, node);
}
uint32_t column(AirVk& air, uint32_t index, uint32_t offset = 0) {
  return add(air, Node::of(Variable{Variable::Entry::kMain, 0, offset, index}));
}
uint32_t make(AirVk& air, Kind kind, uint32_t left, uint32_t right = 0) {
  Node node;
  node.kind = kind, node.left = left, node.right = right;
  return add(air, node);
}

// Constraints and interactions of degree three over three columns, the next row, the selectors and a public
// value.
AirVk tall_air() {
  AirVk air;
  air.width.common_main = 3;
  air.num_public_values = 1;
  air.need_rot = true;
  air.max_constraint_degree = 3;
  const uint32_t a = column(air, 0), b = column(air, 1), c = column(air, 2), next = column(air, 0, 1);
  const uint32_t value = add(air, Node::of(Variable{Variable::Entry::kPublic, 0, 0, 0}));
  const uint32_t first = leaf(air, Kind::kIsFirstRow), last = leaf(air, Kind::kIsLastRow),
                 transition = leaf(air, Kind::kIsTransition);
  const uint32_t product = make(air, Kind::kMul, b, c);
  const uint32_t begins = make(air, Kind::kMul, first, make(air, Kind::kSub, a, value));
  const uint32_t goes_on = make(air, Kind::kMul, transition, make(air, Kind::kSub, next, product));
  const uint32_t ends = make(air, Kind::kMul, last, make(air, Kind::kAdd, product, make(air, Kind::kNeg, a)));
  const uint32_t cube = make(air, Kind::kMul, product, a);
  air.constraints.constraint_idx = {begins, goes_on, ends, cube};
  air.constraints.interactions.push_back({{a, product, next}, c, 1, 1});
  air.constraints.interactions.push_back({{cube}, transition, 0, 1});
  return air;
}

// Of traces with fewer rows than a block.
AirVk short_air() {
  AirVk air;
  air.width.common_main = 2;
  air.max_constraint_degree = 2;
  const uint32_t x = column(air, 0), y = column(air, 1);
  air.constraints.constraint_idx = {make(air, Kind::kMul, x, make(air, Kind::kSub, x, y))};
  air.constraints.interactions.push_back({{x, y}, make(air, Kind::kNeg, y), 1, 1});
  return air;
}

// A proof to be, committed on the host and on the device. Nothing satisfies its constraints: the stages
// compute their sums whatever they are.
struct MadeUp {
  MadeUp(Work& work, uint64_t l_skip, uint64_t log_stacked_height) {
    vk.params = SystemParams::test_small(l_skip, log_stacked_height - l_skip, 2);
    vk.airs = {tall_air(), short_air()};
    const std::vector<std::optional<uint32_t>> heights = {7, 1};
    host.shape = make_proof_shape(vk, heights);
    host.vk = &vk;
    host.programs = &programs.emplace(vk);
    host.context = work.context();
    std::vector<stages::SourceMatrix> matrices;
    std::vector<TraceSource> sources;
    for (const TraceShape& trace : host.shape.traces) {
      std::vector<uint32_t>& trace_cells = cells.emplace_back();
      const uint64_t rows = uint64_t{1} << trace.log_height, width = vk.airs[trace.air_id].width.common_main;
      for (const Fp value : sample(rows * width)) trace_cells.push_back(value.canonical());
      matrices.push_back({trace_cells.data(), rows, width, trace.air_id == 0});
      sources.push_back({matrices.back(), {}});
    }
    on_host.emplace(host.context, vk.params, matrices);
    on_device.emplace(work, vk.params, std::span<const TraceSource>(sources));

    std::vector<TraceInput> inputs(2);
    inputs[0].public_values = {Fp::from_u32(11)};
    workers::add_commitments(host, std::vector{on_host->view()}, inputs);
    device.commitments.push_back({&on_device->layout(), on_device->stacked().range(),
                                  on_device->codeword().range(), &on_device->tree()});
    traces = locate_columns(host.shape, std::vector{on_device->stacked().range()});
  }
  MadeUp(const MadeUp&) = delete;
  MadeUp& operator=(const MadeUp&) = delete;

  VerifyingKey vk;
  std::optional<stages::KeyPrograms> programs;
  std::vector<std::vector<uint32_t>> cells;
  stages::StageInputs host;
  std::optional<stages::HostCommitted> on_host;
  std::optional<Committed> on_device;
  DeviceInputs device{host.shape, {}};
  DeviceTraces traces;
};

// Of the verifier, one after the other.
class Challenges {
 public:
  Ext next() {
    for (Fp& coefficient : last_.c) coefficient = coefficient * Fp::from_u32(48271) + Fp::from_u32(7);
    return last_;
  }
  std::vector<Ext> next(size_t count) {
    std::vector<Ext> result;
    while (result.size() < count) result.push_back(next());
    return result;
  }

 private:
  Ext last_{Fp::from_u32(1), Fp::from_u32(2), Fp::from_u32(3), Fp::from_u32(4)};
};

void test_fractions(Work& work, const MadeUp& proof, Challenges& challenges) {
  const Ext alpha = challenges.next(), beta = challenges.next();
  stages::FractionTreeStage host(proof.host, alpha, beta);
  LogupLeaves leaves = evaluate_leaves(work, proof.host, proof.traces, alpha, beta);
  FractionTreeStage device(work, leaves.nodes, std::move(leaves.memory), 0);
  const char* const what = "sum of fractions (part 04, 4)";
  expect(device.root().p == host.root().p && device.root().q == host.root().q, what);
  expect(device.first_layer() == host.first_layer(), what);
  for (uint32_t layer = 1; layer < proof.host.shape.num_gkr_layers; ++layer) {
    const Ext lambda = challenges.next(), mu = challenges.next();
    device.enter(lambda, mu);
    host.enter(lambda, mu);
    Ext rho = Ext::zero();
    for (uint32_t round = 0; round < layer; ++round) {
      const Ext* const bound = round == 0 ? nullptr : &rho;
      expect(device.next(bound) == host.next(bound), what);
      rho = challenges.next();
    }
    expect(device.leave(rho) == host.leave(rho), what);
  }
}

void test_constraints(Work& work, const MadeUp& proof, Challenges& challenges) {
  const ProofShape& shape = proof.host.shape;
  const Ext alpha = challenges.next(), beta = challenges.next(), lambda = challenges.next();
  const std::vector<Ext> xi = challenges.next(shape.params.l_skip + shape.n_global());
  stages::ConstraintSumStage host(proof.host, alpha, beta, xi, lambda);
  const ConstraintPrograms programs(work, proof.vk);
  ConstraintSumStage device(
      work, proof.host, proof.traces, programs,
      std::make_unique<ConstraintPlan>(work, proof.host, proof.traces, programs, nullptr, 0), beta, xi,
      lambda);
  const char* const what = "sum of constraints (part 04, 5)";
  const auto claims = device.sum_claims(), expected = host.sum_claims();
  for (size_t t = 0; t < expected.size(); ++t) {
    expect(claims[t].numerator == expected[t].numerator && claims[t].denominator == expected[t].denominator,
           what);
  }
  const Ext mu = challenges.next(), r_0 = challenges.next();
  expect(device.first_round(mu) == host.first_round(mu), what);
  device.fold(r_0);
  host.fold(r_0);
  Ext r = Ext::zero();
  for (uint32_t round = 0; round < shape.n_max; ++round) {
    const Ext* const bound = round == 0 ? nullptr : &r;
    expect(device.next(bound) == host.next(bound), what);
    r = challenges.next();
  }
  expect(device.finish(&r) == host.finish(&r), "opening of columns (part 04, 5)");
}

void test_stacked_sum(Work& work, const MadeUp& proof, Challenges& challenges) {
  const std::vector<Ext> r = challenges.next(1 + proof.host.shape.n_max);
  const Ext lambda = challenges.next();
  stages::StackedSumStage host(proof.host, r, lambda);
  StackedSumStage device(work, proof.device, r, lambda, 0);
  const char* const what = "stacked reduction (part 05)";
  expect(device.first_round() == host.first_round(), what);
  for (uint64_t round = 0; round < proof.vk.params.n_stack; ++round) {
    const Ext u = challenges.next();
    expect(device.next(u) == host.next(u), what);
  }
  const Ext u = challenges.next();
  expect(device.finish(u) == host.finish(u), what);
}

void test_opening(Work& work, const MadeUp& proof, Challenges& challenges) {
  const SystemParams& params = proof.vk.params;
  const std::vector<Ext> u = challenges.next(1 + params.n_stack);
  const Ext mu = challenges.next();
  stages::OpeningStage host(proof.host, u, mu);
  OpeningStage device(work, proof.device, u, mu, 0);
  const char* const what = "opening (part 06)";
  const auto expect_equal = [&](const stages::OpenedQueries& got, const stages::OpenedQueries& expected) {
    expect(got.initial_rows == expected.initial_rows && got.initial_paths == expected.initial_paths &&
               got.codeword_values == expected.codeword_values &&
               got.codeword_paths == expected.codeword_paths,
           "answer to queries (part 06)");
  };
  for (uint64_t round = 0; round < params.num_whir_rounds(); ++round) {
    Ext alpha = Ext::zero();
    for (uint64_t fold = 0; fold < params.whir.k; ++fold) {
      const Ext* const bound = fold == 0 ? nullptr : &alpha;
      expect(device.next(bound) == host.next(bound), what);
      alpha = challenges.next();
    }
    const auto log_queries =
        static_cast<uint32_t>(params.log_stacked_height() + params.log_blowup - round - params.whir.k);
    std::vector<uint32_t> indices;
    for (uint32_t i = 0; i < 3; ++i) indices.push_back((977 * i + 13) % (1u << log_queries));
    if (round + 1 == params.num_whir_rounds()) {
      expect(device.tail(alpha) == host.tail(alpha), what);
      expect_equal(device.open(indices), host.open(indices));
      break;
    }
    expect(device.commit_folded(alpha) == host.commit_folded(alpha), what);
    const Ext z0 = challenges.next(), gamma = challenges.next();
    expect(device.evaluate(z0) == host.evaluate(z0), what);
    expect_equal(device.open(indices), host.open(indices));
    device.update(z0, indices, gamma);
    host.update(z0, indices, gamma);
  }
}

}  // namespace

void test_stages(Work& work) {
  work.leave_nothing_to_host();
  Challenges challenges;
  // Blocks of 16, which most keys have, go ways of their own, some of them where a column is longer than a
  // tile.
  for (const auto& [l_skip, log_stacked_height] : {std::pair(2, 8), std::pair(4, 12)}) {
    const MadeUp proof(work, l_skip, log_stacked_height);
    expect(proof.on_device->root() == proof.on_host->root(), "commitment (part 03)");
    test_fractions(work, proof, challenges);
    test_constraints(work, proof, challenges);
    test_stacked_sum(work, proof, challenges);
    test_opening(work, proof, challenges);
  }
}

}  // namespace openswirl::gpu
