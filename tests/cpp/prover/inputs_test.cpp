// Bad inputs are refused before any work, with what, where, the limit and the remedy; runs can be stopped and
// watched.
#include <algorithm>
#include <map>

#include "case.h"
#include "faulty_device.h"
#include "googletest.h"
#include "prover/check_inputs.h"
#include "reference/backend.h"

using namespace openswirl;

namespace {

struct Inputs {
  std::shared_ptr<Device> device = make_reference_backend()->open(0).take();
  Context context;
  std::shared_ptr<ProvingKey> key;
  std::vector<AirTrace> traces;

  explicit Inputs(const std::string& name) {
    key = test_case::read_key(name, *device, context);
    traces = test_case::read_traces(name, key->vk, *device, context);
  }
  HostMatrix& common(size_t i) { return std::get<HostMatrix>(traces[i].common_main); }
};

// The text of the error, or "accepted".
std::string refusal(const Inputs& inputs) {
  try {
    check_inputs(*inputs.key, inputs.traces);
    return "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), FailureKind::kInput);
    return error.what();
  }
}

}  // namespace

TEST(Inputs, AcceptsAndSortsGoodInputs) {
  Inputs inputs("mixture_h3");
  std::rotate(inputs.traces.begin(), inputs.traces.begin() + 5, inputs.traces.end());
  const CheckedInputs checked = check_inputs(*inputs.key, inputs.traces);
  ASSERT_EQ(checked.order.size(), inputs.traces.size());
  for (size_t t = 0; t < checked.order.size(); ++t) {
    EXPECT_EQ(inputs.traces[checked.order[t]].air_id, checked.shape.traces[t].air_id);
  }
  EXPECT_EQ(refusal(Inputs("tight_limits")), "accepted");
}

TEST(Inputs, TracesThatDoNotFitTheKey) {
  Inputs inputs("fib_h3");
  inputs.traces.clear();
  EXPECT_EQ(refusal(inputs), "no trace at all; give a trace for at least one AIR");

  inputs = Inputs("fib_h3");
  inputs.traces.push_back(inputs.traces[0]);
  EXPECT_EQ(refusal(inputs), "AIR 0 has two traces; give one per AIR");

  inputs = Inputs("fib_h3");
  inputs.key->airs[0].name = "Fibonacci";
  inputs.traces.push_back(inputs.traces[0]);
  EXPECT_EQ(refusal(inputs), "AIR 0 (Fibonacci) has two traces; give one per AIR");

  inputs = Inputs("fib_h3");
  inputs.traces[0].air_id = 4;
  EXPECT_EQ(refusal(inputs), "there is no AIR 4; the key has 1 AIR, numbered from 0");

  inputs = Inputs("fib_h3");
  inputs.common(0).rows = 6;
  EXPECT_EQ(refusal(inputs), "AIR 0: a trace of 6 rows; the height must be a power of two, so pad it to 8");
  inputs.common(0).rows = 0;
  EXPECT_EQ(refusal(inputs), "AIR 0: its trace has no rows; leave an AIR without rows out of the traces");
  inputs.common(0).rows = 2048;
  EXPECT_EQ(refusal(inputs),
            "AIR 0: a trace of 2^11 rows is taller than the stacked height 2^10; split the trace or "
            "make a key with taller parameters");
  inputs.common(0).rows = 8;
  inputs.common(0).columns = 3;
  EXPECT_EQ(refusal(inputs),
            "AIR 0: the common main trace has 3 columns, the AIR 2; give the trace that belongs to "
            "this AIR");

  inputs = Inputs("fib_h3");
  inputs.traces[0].public_values.pop_back();
  EXPECT_EQ(refusal(inputs), "AIR 0: 2 public values given, the AIR has 3");
}

TEST(Inputs, PartsThatDoNotFitTogether) {
  Inputs inputs("preprocessed_fib_h4");
  inputs.common(0).rows = 8;
  EXPECT_EQ(refusal(inputs),
            "AIR 0: the trace has 2^3 rows, the preprocessed trace 2^4; the height of this AIR is "
            "fixed by its key");

  inputs = Inputs("cached11");
  inputs.traces[0].cached_mains.clear();
  EXPECT_EQ(refusal(inputs),
            "AIR 0: 0 cached parts given, the AIR has 1; give one commitment per cached part");

  inputs = Inputs("cached11");
  inputs.common(0).rows = 8;
  EXPECT_EQ(refusal(inputs),
            "AIR 0, cached part 0: it has 2^2 rows, the common main 2^3; all parts of an AIR must have "
            "the same height");

  inputs = Inputs("cached11");
  const std::vector<uint32_t> zeros(4 * 5);
  const HostMatrix wide{zeros.data(), 4, 5, HostMatrix::Order::kRowMajor, nullptr};
  inputs.traces[0].cached_mains[0] =
      test_case::commit_one(*inputs.device, inputs.key->vk.params, wide, inputs.context);
  EXPECT_EQ(refusal(inputs),
            "AIR 0, cached part 0: it has 5 columns, the AIR 1; commit the part that belongs to this AIR");

  inputs = Inputs("cached11");
  inputs.traces[0].cached_mains[0] = test_case::commit_one(*inputs.device, SystemParams::test_small(2, 7, 3),
                                                           inputs.common(0), inputs.context);
  EXPECT_EQ(refusal(inputs),
            "AIR 0, cached part 0: committed with other parameters than the key's; commit it again "
            "with key.params");
}

TEST(Inputs, LimitsOfTheKey) {
  Inputs inputs("required_air");
  inputs.traces.erase(inputs.traces.begin());
  EXPECT_EQ(refusal(inputs), "AIR 0 is required by the key but has no trace; give it one");

  inputs = Inputs("tight_limits");
  inputs.key->vk.params.w_stack = 0;
  EXPECT_EQ(refusal(inputs),
            "the traces fill 1 stacked column, the limit w_stack is 0; use shorter traces or a key "
            "with a taller stacked height");

  inputs = Inputs("tight_limits");
  ASSERT_GT(inputs.key->vk.height_constraints.size(), 0u);
  inputs.key->vk.height_constraints[0].threshold = 12;
  EXPECT_EQ(refusal(inputs),
            "height constraint 0 of the key is not met: the weighted sum of the heights is 12 and must "
            "stay below 12; use shorter traces");

  inputs = Inputs("fib_h1");
  inputs.key->vk.params = SystemParams::test_small(0, 10, 3);
  inputs.common(0).rows = 1;
  EXPECT_EQ(refusal(inputs),
            "with l_skip 0, traces of one row and no interactions there is no evaluation point; use a "
            "taller trace or a larger l_skip");
}

TEST(Inputs, DeviceMayRefuseAShape) {
  Inputs inputs("fib_h1");
  faulty::FaultyDevice device(inputs.device, {"unsupported"});
  const auto key = device.load_key(inputs.key, inputs.context).take();
  try {
    prove(device, key, inputs.traces, {}, inputs.context);
    ADD_FAILURE() << "no refusal";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), FailureKind::kUnsupported);
    EXPECT_STREQ(error.what(), "[faulty] cannot prove this shape: it is broken");
  }
}

// Before any work, with stage, need and have.
TEST(Inputs, RefusesAProofThatCannotFit) {
  Inputs inputs("mixture_h3");
  const ProofShape shape = check_inputs(*inputs.key, inputs.traces).shape;
  const MemoryPlan plan = inputs.device->plan(inputs.key->vk, shape).take();
  const auto peak = static_cast<uint32_t>(plan.peak());
  const auto refused = [&](Device& device, const Context& context) {
    const auto key = device.load_key(inputs.key, inputs.context).take();
    try {
      prove(device, key, inputs.traces, {}, context);
      return Failure{};
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), FailureKind::kOutOfMemory);
      return error.failure();
    }
  };

  faulty::FaultyDevice fits(inputs.device, {"memory", peak});
  EXPECT_FALSE(refused(fits, inputs.context).need.has_value());
  faulty::FaultyDevice unknown(inputs.device, {"memory", 0});
  EXPECT_FALSE(refused(unknown, inputs.context).need.has_value());

  faulty::FaultyDevice small(inputs.device, {"memory", peak - 1});
  Context context;
  Failure failure = refused(small, context);
  EXPECT_EQ(failure.need, peak);
  EXPECT_EQ(failure.have, peak - 1);
  EXPECT_TRUE(failure.where == "constraints" || failure.where == "whir" ||
              failure.where == "stacked_reduction" || failure.where == "logup_gkr" ||
              failure.where == "commit");
  EXPECT_TRUE(failure.message.starts_with("[faulty] the stage " + failure.where)) << failure.message;
  EXPECT_CONTAINS(failure.message, "a device with more memory");
  EXPECT_TRUE(context.spans->records().empty());
  EXPECT_EQ(context.meter->peak(), 0u);

  context.meter = std::make_shared<MemoryMeter>(peak - 2);
  failure = refused(small, context);
  EXPECT_EQ(failure.need, peak);
  EXPECT_EQ(failure.have, peak - 2);
  EXPECT_CONTAINS(failure.message, "a higher limit");
}

TEST(Inputs, NoticesAWrongProofOfWorkWitness) {
  Inputs inputs("fib_h1");
  faulty::FaultyDevice device(inputs.device, {"Session::grind"});
  const auto key = device.load_key(inputs.key, inputs.context).take();
  try {
    prove(device, key, inputs.traces, {}, inputs.context);
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), FailureKind::kDevice);
  }
}

// Also with threads.
TEST(Inputs, FindsTheFirstNonCanonicalValue) {
  std::vector<uint32_t> values(300000, Fp::kModulus - 1);
  Context context;
  context.pool = std::make_shared<ThreadPool>(2);
  const HostMatrix matrix{values.data(), 100000, 3, HostMatrix::Order::kRowMajor, nullptr};
  EXPECT_FALSE(check_canonical(matrix, context).has_value());
  values[299999] = Fp::kModulus;
  EXPECT_EQ(check_canonical(matrix, context), 299999u);
  values[170001] = ~uint32_t{0};
  values[170002] = ~uint32_t{0};
  EXPECT_EQ(check_canonical(matrix, context), 170001u);
}

TEST(Inputs, ProgressRisesAndSpansHaveTheirNames) {
  Inputs inputs("mixture_h3");
  double last = -1;
  std::map<std::string, uint32_t> stages;
  bool rising = true;
  inputs.context.progress = [&](const std::string& stage, uint32_t, double fraction) {
    rising = rising && fraction >= last;
    last = fraction;
    ++stages[stage];
  };
  const auto key = inputs.device->load_key(inputs.key, inputs.context).take();
  const size_t first = inputs.context.spans->records().size();  // the commitments of the inputs
  prove(*inputs.device, key, inputs.traces, {}, inputs.context);
  EXPECT_TRUE(rising);
  EXPECT_EQ(last, 1.0);
  EXPECT_EQ(stages.size(), 6u);

  std::vector<std::string> paths;
  const std::vector<SpanRecord>& records = inputs.context.spans->records();
  for (size_t i = first; i < records.size(); ++i) {
    std::string path = records[i].name;
    for (int32_t p = records[i].parent; p >= 0; p = records[static_cast<size_t>(p)].parent) {
      path.insert(0, records[static_cast<size_t>(p)].name + "/");
    }
    paths.push_back(path);
  }
  const std::string root = "stark_prove_excluding_trace";
  for (const std::string& path :
       {root + "/prover.main_trace_commit/stacked_commit/rs_code_matrix",
        root + "/prover.main_trace_commit/stacked_commit/merkle_tree",
        root + "/prover.rap_constraints/prover.rap_constraints.logup_gkr/grind",
        root + "/prover.rap_constraints/prover.rap_constraints.round0",
        root + "/prover.rap_constraints/prover.rap_constraints.round0/fold_ple",
        root + "/prover.openings/prover.openings.stacked_reduction",
        root + "/prover.openings/prover.openings.whir/merkle_tree",
        root + "/prover.openings/prover.openings.whir/grind", std::string("verify_after")}) {
    EXPECT_NE(std::find(paths.begin(), paths.end(), path), paths.end()) << "no span " << path;
  }
}

TEST(Inputs, CancelledAtEveryStageReturnsItsMemory) {
  for (const char* stage : {"commit", "logup_gkr", "constraints", "stacked_reduction", "whir"}) {
    Inputs inputs("mixture_h3");
    const auto key = inputs.device->load_key(inputs.key, inputs.context).take();
    const uint64_t before = inputs.context.meter->current();
    inputs.context.progress = [&](const std::string& at, uint32_t, double) {
      if (at == stage) inputs.context.cancel->cancel();
    };
    try {
      prove(*inputs.device, key, inputs.traces, {}, inputs.context);
      ADD_FAILURE() << "not cancelled in " << stage;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), FailureKind::kCancelled);
    }
    EXPECT_EQ(inputs.context.meter->current(), before);
  }
}
