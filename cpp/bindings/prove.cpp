// Proving: a key on a device, traces as numpy arrays that are borrowed for the call.
#include "prover/prove.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <bit>
#include <tuple>
#include <utility>

#include "bindings/commitments.h"
#include "bindings/open_device.h"
#include "bindings/running.h"
#include "bindings/span_tuples.h"
#include "lockstep/device.h"
#include "prover/check_inputs.h"

namespace openswirl::bindings {
namespace {

// One cached part as Python gives it: an array, or a commitment made earlier.
struct CachedInput {
  HostMatrix matrix;
  std::shared_ptr<BoundCommitment> commitment;
};

// One trace as Python gives it. The arrays keep the memory alive and are released with the GIL held.
struct TraceArguments {
  uint32_t air_id = 0;
  HostMatrix common;
  std::vector<CachedInput> cached;
  std::vector<Fp> public_values;
  std::vector<MatrixArray> arrays;
};

using ProveResult = std::tuple<std::shared_ptr<const Proof>, std::vector<SpanTuple>, uint64_t, unsigned>;

HostMatrix host_matrix(const MatrixArray& array) {
  return {array.data(), array.shape(0), array.shape(1), HostMatrix::Order::kRowMajor, nullptr};
}

TraceArguments read_trace(const nb::tuple& given) {
  TraceArguments trace;
  trace.air_id = nb::cast<uint32_t>(given[0]);
  // No conversion: a wrong dtype must never turn into other field elements.
  trace.arrays.push_back(nb::cast<MatrixArray>(given[1], false));
  trace.common = host_matrix(trace.arrays.back());
  for (const nb::handle part : nb::cast<nb::list>(given[2])) {
    CachedInput& input = trace.cached.emplace_back();
    if (nb::isinstance<BoundCommitment>(part)) {
      input.commitment = nb::cast<std::shared_ptr<BoundCommitment>>(part);
    } else {
      trace.arrays.push_back(nb::cast<MatrixArray>(part, false));
      input.matrix = host_matrix(trace.arrays.back());
    }
  }
  for (const nb::handle value : nb::cast<nb::list>(given[3])) {
    trace.public_values.push_back(Fp::from_u32(nb::cast<uint32_t>(value)));
  }
  return trace;
}

// Stands in for a part that is committed only once all inputs are known to fit.
class PlannedCommitment final : public Commitment {
 public:
  PlannedCommitment(const SystemParams& params, const HostMatrix& matrix)
      : layout_(make_stacked_layout(
            static_cast<uint32_t>(params.l_skip), static_cast<uint32_t>(params.log_stacked_height()),
            std::vector{MatrixShape{matrix.columns, static_cast<uint32_t>(std::countr_zero(matrix.rows))}})) {
  }
  const Digest& root() const override { return root_; }
  const StackedLayout& layout() const override { return layout_; }

 private:
  Digest root_{};
  StackedLayout layout_;
};

std::string part_text(const ProvingKey& key, const TraceArguments& trace, size_t part) {
  const std::string& name = key.airs[trace.air_id].name;
  return "AIR " + std::to_string(trace.air_id) + (name.empty() ? "" : " (" + name + ")") + ", cached part " +
         std::to_string(part);
}

// What can be wrong with a cached part before its shape can be planned.
void check_cached(const ProvingKey& key, const TraceArguments& trace) {
  const SystemParams& params = key.vk.params;
  for (size_t j = 0; j < trace.cached.size(); ++j) {
    const CachedInput& input = trace.cached[j];
    if (!input.commitment) {
      if (input.matrix.rows != trace.common.rows) {
        throw Error(FailureKind::kInput, part_text(key, trace, j) + ": it has " +
                                             std::to_string(input.matrix.rows) + " rows, the common main " +
                                             std::to_string(trace.common.rows) +
                                             "; all parts of an AIR must have the same height");
      }
      continue;
    }
    const SystemParams& made = input.commitment->params;
    if (made.l_skip != params.l_skip || made.n_stack != params.n_stack ||
        made.log_blowup != params.log_blowup || made.whir.k != params.whir.k) {
      throw Error(FailureKind::kInput, part_text(key, trace, j) +
                                           ": committed with other parameters than the key's; "
                                           "commit it again with the key's params");
    }
  }
}

// A part whose shape stacks: a power of two of rows that fits, so that a layout exists.
bool can_plan(const SystemParams& params, const HostMatrix& matrix) {
  return matrix.rows > 0 && std::has_single_bit(matrix.rows) &&
         static_cast<uint64_t>(std::countr_zero(matrix.rows)) <= params.log_stacked_height();
}

std::vector<AirTrace> air_traces(const std::vector<TraceArguments>& arguments) {
  std::vector<AirTrace> traces;
  for (const TraceArguments& trace : arguments) {
    traces.push_back({trace.air_id, trace.common, {}, trace.public_values});
  }
  return traces;
}

// Every input error, and what the device cannot do, before anything is committed.
void check_arguments(const ProvingKey& key, const Device& device,
                     const std::vector<TraceArguments>& arguments, const Context& context) {
  std::vector<AirTrace> planned = air_traces(arguments);
  for (size_t i = 0; i < arguments.size(); ++i) {
    const TraceArguments& trace = arguments[i];
    if (trace.air_id >= key.vk.airs.size()) continue;  // check_inputs says so
    if (!can_plan(key.vk.params, trace.common)) continue;
    check_cached(key, trace);
    for (const CachedInput& input : trace.cached) {
      if (input.commitment) {
        planned[i].cached_mains.push_back(input.commitment->commitment);
      } else {
        planned[i].cached_mains.push_back(
            std::make_shared<const PlannedCommitment>(key.vk.params, input.matrix));
      }
    }
  }
  check_device(device, key.vk, check_inputs(key, planned).shape, context);
  for (const TraceArguments& trace : arguments) {
    require_canonical(trace.common, "trace of AIR " + std::to_string(trace.air_id) + ": common", context);
    for (size_t j = 0; j < trace.cached.size(); ++j) {
      if (trace.cached[j].commitment) continue;
      require_canonical(trace.cached[j].matrix,
                        "trace of AIR " + std::to_string(trace.air_id) + ": cached part " + std::to_string(j),
                        context);
    }
  }
}

class BoundProver {
 public:
  BoundProver(std::shared_ptr<const ProvingKey> pk, const std::string& device_name,
              const CallOptions& options) {
    Context context = make_context(options);
    run_interruptible(options, context, [&] {
      device_ = open_device(device_name);
      key_ = device_->load_key(std::move(pk), context).take();
    });
  }

  const std::string& device() const { return device_->info().name; }

  // Of a lockstep device: where its two devices first differed, or None.
  nb::object difference() const {
    const auto* lockstep = dynamic_cast<const LockstepDevice*>(device_.get());
    const std::optional<Difference> found = lockstep ? lockstep->difference() : std::nullopt;
    if (!found) return nb::none();
    nb::dict fields;
    fields["stage"] = found->stage;
    fields["call"] = found->call;
    fields["layer"] = found->layer;
    fields["round"] = found->round;
    fields["fold"] = found->fold;
    fields["element"] = found->element;
    fields["values"] = nb::make_tuple(found->value_a, found->value_b);
    fields["devices"] = nb::make_tuple(found->device_a, found->device_b);
    return fields;
  }

  ProveResult prove(const nb::list& traces, const CallOptions& options, bool verify_after) const {
    std::vector<TraceArguments> arguments;
    for (const nb::handle trace : traces) arguments.push_back(read_trace(nb::cast<nb::tuple>(trace)));
    Context context = make_context(options);
    context.arena = arena_;
    std::shared_ptr<const Proof> proof;
    try {
      run_interruptible(options, context, [&] {
        check_arguments(key_->key(), *device_, arguments, context);
        std::vector<AirTrace> inputs = air_traces(arguments);
        commit_cached(arguments, inputs, context);
        ProveOptions prove_options;
        prove_options.verify_after = verify_after;
        proof = std::make_shared<const Proof>(
            openswirl::prove(*device_, key_, std::move(inputs), prove_options, context));
      });
    } catch (...) {
      // The exception's traceback may keep this prover alive for long.
      arena_->trim();
      throw;
    }
    return {std::move(proof), span_tuples(*context.spans), context.meter->peak(), context.pool->size()};
  }

 private:
  void commit_cached(const std::vector<TraceArguments>& arguments, std::vector<AirTrace>& inputs,
                     const Context& context) const {
    std::optional<Span> span;
    for (size_t i = 0; i < arguments.size(); ++i) {
      for (const CachedInput& input : arguments[i].cached) {
        if (!span) span.emplace(*context.spans, "cached_commit");
        inputs[i].cached_mains.push_back(
            input.commitment ? commitment_on(*input.commitment, *device_, context)
                             : commit_matrix(*device_, key_->key().vk.params, input.matrix, context));
      }
    }
  }

  std::shared_ptr<Device> device_;
  std::shared_ptr<const DeviceKey> key_;
  // Buffers that later proofs of this prover take over.
  std::shared_ptr<Arena> arena_ = std::make_shared<Arena>();
};

}  // namespace

void bind_prove(nb::module_& module) {
  nb::class_<BoundProver>(module, "Prover")
      .def(
          "__init__",
          [](BoundProver* self, std::shared_ptr<const ProvingKey> pk, const std::string& device,
             unsigned threads, std::optional<double> timeout, std::shared_ptr<CancelToken> cancel) {
            new (self) BoundProver(std::move(pk), device,
                                   CallOptions{threads, timeout, std::move(cancel), nb::object()});
          },
          nb::arg("pk"), nb::arg("device"), nb::kw_only(), nb::arg("threads"), nb::arg("timeout").none(),
          nb::arg("cancel").none())
      .def_prop_ro("device", &BoundProver::device)
      .def_prop_ro("difference", &BoundProver::difference,
                   nb::sig("def difference(self) -> dict[str, typing.Any] | None"))
      .def(
          "prove",
          [](const BoundProver& self, const nb::list& traces, bool verify_after, nb::object progress,
             uint64_t memory_limit, unsigned threads, std::optional<double> timeout,
             std::shared_ptr<CancelToken> cancel) {
            return self.prove(
                traces, CallOptions{threads, timeout, std::move(cancel), std::move(progress), memory_limit},
                verify_after);
          },
          nb::arg("traces"), nb::kw_only(), nb::arg("verify_after"), nb::arg("progress").none(),
          nb::arg("memory_limit"), nb::arg("threads"), nb::arg("timeout").none(), nb::arg("cancel").none(),
          nb::sig(
              "def prove(self, traces: list[tuple[typing.Any, ...]], *, verify_after: bool, "
              "progress: object | None, memory_limit: int, threads: int, timeout: float | None, cancel: "
              "CancelToken | None) -> "
              "tuple[Proof, list[tuple[str, int, float, float, float, bool, bool, list[int]]], int, int]"));
}

}  // namespace openswirl::bindings
