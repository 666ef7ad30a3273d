// Proofs on a device that executes nothing: from a key and heights to the commands that a proof would be.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>

#include <utility>

#include "bindings/commitments.h"
#include "bindings/open_device.h"
#include "bindings/running.h"
#include "bindings/span_tuples.h"
#include "prover/prove.h"

namespace openswirl::bindings {
namespace {

// Span, name, and the numbers by the names of openswirl.bench.plan.
using PlannedTuple = std::tuple<int32_t, std::string, std::vector<uint64_t>>;
using RehearseResult = std::tuple<std::vector<SpanTuple>, std::vector<PlannedTuple>, uint64_t>;

void append(std::vector<uint64_t>& numbers, const KernelOperations& of) {
  numbers.insert(numbers.end(),
                 {of.multiplications, of.factor_multiplications, of.reductions, of.folds, of.additions,
                  of.shifts, of.permutations, of.words_loaded, of.words_stored, of.atomics});
}

PlannedTuple planned_tuple(const SpanRecorder::Planned& planned) {
  const PlannedCommand& command = planned.command;
  std::vector<uint64_t> numbers{command.groups, command.group_size, command.groups_counted,
                                command.bytes_read, command.bytes_written};
  append(numbers, command.operations);
  append(numbers, command.longest);
  return {planned.span, command.name, std::move(numbers)};
}

// Traces without values.
std::vector<AirTrace> shapes_of(const ProvingKey& key,
                                const std::vector<std::optional<uint32_t>>& log_heights, Device& device,
                                const Context& context) {
  if (log_heights.size() != key.vk.airs.size()) {
    throw Error(FailureKind::kInput, std::to_string(log_heights.size()) + " log heights for a key of " +
                                         std::to_string(key.vk.airs.size()) + " AIRs; give one for each");
  }
  std::vector<AirTrace> traces;
  for (uint32_t id = 0; id < log_heights.size(); ++id) {
    if (!log_heights[id]) continue;
    const AirVk& air = key.vk.airs[id];
    if (*log_heights[id] > key.vk.params.log_stacked_height()) {
      throw Error(FailureKind::kInput,
                  "AIR " + std::to_string(id) + " has a log height of " + std::to_string(*log_heights[id]) +
                      "; these parameters take 0 to " + std::to_string(key.vk.params.log_stacked_height()));
    }
    const auto matrix = [&](uint64_t columns) {
      return HostMatrix{nullptr, uint64_t{1} << *log_heights[id], columns, HostMatrix::Order::kRowMajor,
                        nullptr};
    };
    AirTrace trace;
    trace.air_id = id;
    trace.common_main = matrix(air.width.common_main);
    for (const auto width : air.width.cached_mains) {
      trace.cached_mains.push_back(commit_matrix(device, key.vk.params, matrix(width), context));
    }
    trace.public_values.resize(air.num_public_values, Fp::zero());
    traces.push_back(std::move(trace));
  }
  return traces;
}

RehearseResult run(std::shared_ptr<const ProvingKey> key, const std::string& device_name,
                   const std::vector<std::optional<uint32_t>>& log_heights, unsigned threads,
                   std::optional<double> timeout, std::shared_ptr<CancelToken> cancel) {
  const CallOptions options{threads, timeout, std::move(cancel), nb::object()};
  Context context = make_context(options);
  run_interruptible(options, context, [&] {
    const auto device = Registry::global().open(device_name).take();
    // What a key and cached parts take is outside of the proof.
    Context before = context;
    before.spans = std::make_shared<SpanRecorder>();
    auto traces = shapes_of(*key, log_heights, *device, before);
    const auto device_key = device->load_key(key, before).take();
    rehearse(*device, device_key, std::move(traces), context);
  });
  std::vector<PlannedTuple> commands;
  for (const SpanRecorder::Planned& planned : context.spans->planned()) {
    commands.push_back(planned_tuple(planned));
  }
  return {span_tuples(*context.spans), std::move(commands), context.meter->peak()};
}

}  // namespace

void bind_rehearse(nb::module_& module) {
  module.def(
      "rehearse", &run, nb::arg("pk"), nb::arg("device"), nb::arg("log_heights"), nb::kw_only(),
      nb::arg("threads"), nb::arg("timeout").none(), nb::arg("cancel").none(),
      nb::sig("def rehearse(pk: ProvingKey, device: str, log_heights: list[int | None], *, threads: int, "
              "timeout: float | None, cancel: CancelToken | None) -> "
              "tuple[list[tuple[str, int, float, float, float, bool, bool, list[int]]], "
              "list[tuple[int, str, list[int]]], int]"));
}

}  // namespace openswirl::bindings
