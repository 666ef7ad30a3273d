// Single stages of the conformance suite (protocol part 09, 3), on every backend of the list below: the
// prover's party on the device against the verifier's party.
#include <algorithm>

#include "conformance/backends.h"
#include "googletest.h"
#include "poly/eq.h"
#include "poly/univariate.h"
#include "prover/case.h"
#include "prover/constraints.h"
#include "prover/fractions.h"
#include "prover/whir.h"
#include "schedule/protocol.h"
#include "verifier/constraints.h"
#include "verifier/fractions.h"
#include "verifier/rejected.h"
#include "verifier/whir.h"

using namespace openswirl;

namespace {

// Deterministic elements that look random.
class Draw {
 public:
  explicit Draw(uint64_t seed) : state_(seed) {}
  Fp fp() {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return Fp::from_u64(state_ >> 33);
  }
  Ext ext() { return {fp(), fp(), fp(), fp()}; }

 private:
  uint64_t state_;
};

// A key whose only AIR has `width` columns and a constraint on the first: enough to commit and open a matrix.
std::shared_ptr<ProvingKey> key_of_one_air(const SystemParams& params, uint64_t width) {
  auto key = std::make_shared<ProvingKey>();
  key->vk.params = params;
  AirVk& air = key->vk.airs.emplace_back();
  air.width.common_main = width;
  air.max_constraint_degree = 1;
  Node column;
  column.kind = Node::Kind::kVariable;
  air.constraints.nodes = {column};
  air.constraints.constraint_idx = {0};
  key->vk.height_constraints = {{{0}, params.logup.max_interaction_count}};
  key->airs.push_back({"columns", nullptr});
  return key;
}

struct Matrix {
  uint64_t rows, columns;
  std::vector<uint32_t> values;  // row-major, canonical

  HostMatrix host() const { return {values.data(), rows, columns, HostMatrix::Order::kRowMajor, nullptr}; }
};

Matrix random_matrix(uint64_t rows, uint64_t columns, uint64_t seed) {
  Draw draw(seed);
  Matrix matrix{rows, columns, std::vector<uint32_t>(rows * columns)};
  for (uint32_t& value : matrix.values) value = draw.fp().canonical();
  return matrix;
}

// The trace of Fibonacci(0, 1, rows).
Matrix fibonacci_matrix(uint64_t rows) {
  Matrix matrix{rows, 2, {}};
  Fp left = Fp::zero(), right = Fp::one();
  for (uint64_t row = 0; row < rows; ++row) {
    matrix.values.push_back(left.canonical());
    matrix.values.push_back(right.canonical());
    const Fp sum = left + right;
    left = right;
    right = sum;
  }
  return matrix;
}

// The prismalinear extension of a full-height column at u (part 03, 2.2).
Ext evaluate_column(const Matrix& matrix, uint64_t column, uint32_t l_skip, std::span<const Ext> u) {
  const size_t block = size_t{1} << l_skip;
  std::vector<Ext> folded(matrix.rows / block, Ext::zero());
  for (uint64_t row = 0; row < matrix.rows; ++row) {
    const Ext point(two_adic_generator(l_skip).pow(row % block));
    folded[row / block] +=
        eq_domain(l_skip, u[0], point) * Fp::from_u32(matrix.values[row * matrix.columns + column]);
  }
  for (const Ext& coordinate : u.subspan(1)) fold_lowest(folded, coordinate);
  return folded[0];
}

// Commits one full-height matrix, opens it at a random point; "" or the verifier's rejection.
std::string open_at_random_point(Device& device, const SystemParams& params, const Matrix& matrix,
                                 uint64_t seed, bool tamper) {
  const Context context;
  const auto l_skip = static_cast<uint32_t>(params.l_skip), n_stack = static_cast<uint32_t>(params.n_stack);
  const std::shared_ptr<ProvingKey> key = key_of_one_air(params, matrix.columns);
  const std::optional<uint32_t> log_height = l_skip + n_stack;
  const ProofShape shape = make_proof_shape(key->vk, {&log_height, 1});
  std::vector<TraceInput> inputs(1);
  inputs[0].common_main = device.import(matrix.host(), context).take();
  const auto session =
      device.begin(device.load_key(key, context).take(), shape, std::move(inputs), context).take();

  Proof proof;
  proof.common_main_commit = session->commit().take();
  Draw draw(seed + 1000);
  std::vector<Ext> u(1 + n_stack);
  for (Ext& coordinate : u) coordinate = draw.ext();
  std::vector<Ext> openings;
  for (uint64_t c = 0; c < matrix.columns; ++c) openings.push_back(evaluate_column(matrix, c, l_skip, u));
  proof.stacking.stacking_openings.push_back(openings);

  const prover::Run run{*session, shape, context, device.info()};
  Transcript prover_transcript, verifier_transcript;
  prover::WhirProver prover(run, proof.whir);
  run_whir(prover_transcript, shape, u, prover);
  if (tamper) proof.stacking.stacking_openings[0][0] += Ext::one();
  verifier::WhirVerifier verifier(shape, proof, {proof.common_main_commit});
  try {
    run_whir(verifier_transcript, shape, u, verifier);
  } catch (const verifier::Rejected& rejected) {
    return rejected.check;
  }
  return "";
}

SystemParams whir_params(uint64_t n_stack, uint64_t log_blowup, uint64_t k, std::vector<uint64_t> queries) {
  SystemParams params = SystemParams::test_small(2, 8, 3);
  params.n_stack = n_stack;
  params.log_blowup = log_blowup;
  params.whir.k = k;
  params.whir.num_queries = std::move(queries);
  return params;
}

}  // namespace

TEST(SingleStage, WhirOnTheFibonacciTrace) {
  on_every_backend([](Device& device) {
    const SystemParams all[] = {whir_params(0, 1, 1, {10, 15}), whir_params(2, 1, 1, {10, 15}),
                                whir_params(2, 1, 2, {10, 6}),  whir_params(2, 1, 3, {10}),
                                whir_params(2, 1, 4, {10}),     whir_params(2, 2, 4, {6})};
    for (const SystemParams& params : all) {
      const Matrix matrix = fibonacci_matrix(uint64_t{1} << params.log_stacked_height());
      EXPECT_EQ(open_at_random_point(device, params, matrix, 1, false), "");
    }
  });
}

TEST(SingleStage, WhirOnRandomMatricesAndAChangedOpening) {
  SystemParams params = whir_params(3, 1, 2, {6, 5});
  params.l_skip = 3;
  params.w_stack = 64;
  params.whir.mu_pow_bits = params.whir.folding_pow_bits = params.whir.query_phase_pow_bits = 1;
  on_every_backend([&](Device& device) {
    for (uint64_t seed = 0; seed < 5; ++seed) {
      const Matrix matrix = random_matrix(64, 5, seed);
      EXPECT_EQ(open_at_random_point(device, params, matrix, seed, false), "");
      EXPECT_EQ(open_at_random_point(device, params, matrix, seed, true), "WhirError.FinalPolyConstraint");
    }
  });
}

TEST(SingleStage, GkrAndBatchedConstraints) {
  on_every_backend([](Device& device) {
    for (const char* name : {"interactions11", "fib_h3", "mixture_h3"}) {
      const Context context;
      const auto key = test_case::read_key(name, device, context);
      const VerifyingKey& vk = key->vk;
      std::vector<AirTrace> traces = test_case::read_traces(name, vk, device, context);
      Proof proof;
      proof.trace_vdata.resize(vk.airs.size());
      proof.public_values.resize(vk.airs.size());
      std::vector<std::optional<uint32_t>> log_heights(vk.airs.size());
      for (const AirTrace& trace : traces) {
        const auto& host = std::get<HostMatrix>(trace.common_main);
        log_heights[trace.air_id] = static_cast<uint32_t>(std::countr_zero(host.rows));
        proof.public_values.set(trace.air_id, trace.public_values);
      }
      const ProofShape shape = make_proof_shape(vk, log_heights);
      std::vector<TraceInput> inputs;
      for (const TraceShape& trace : shape.traces) {
        AirTrace& of = *std::find_if(traces.begin(), traces.end(),
                                     [&](const AirTrace& t) { return t.air_id == trace.air_id; });
        inputs.push_back({device.import(std::get<HostMatrix>(of.common_main), context).take(),
                          of.cached_mains, of.public_values});
      }
      const auto session =
          device.begin(device.load_key(key, context).take(), shape, std::move(inputs), context).take();
      (void)session->commit().take();

      const prover::Run run{*session, shape, context, device.info()};
      std::vector<LogEntry> proved, verified;
      Transcript prover_transcript, verifier_transcript;
      prover_transcript.record_to(&proved);
      verifier_transcript.record_to(&verified);
      std::vector<Ext> r;
      {
        prover::FractionsProver fractions(run, proof.gkr);
        FractionsOutcome outcome = run_fractions(prover_transcript, shape, fractions);
        prover::ConstraintsProver constraints(run, proof.batch_constraints);
        r = run_constraints(prover_transcript, vk, shape, std::move(outcome), constraints);
      }
      verifier::FractionsVerifier fractions(proof.gkr);
      FractionsOutcome outcome = run_fractions(verifier_transcript, shape, fractions);
      verifier::ConstraintsVerifier constraints(vk, shape, proof, fractions);
      try {
        EXPECT_EQ(run_constraints(verifier_transcript, vk, shape, std::move(outcome), constraints), r);
      } catch (const verifier::Rejected& rejected) {
        EXPECT_EQ(rejected.check, "");
      }
      EXPECT_TRUE(std::equal(proved.begin(), proved.end(), verified.begin(), verified.end(),
                             [](const LogEntry& a, const LogEntry& b) {
                               return a.value == b.value && a.is_sample == b.is_sample;
                             }));
    }
  });
}
