// The trace checker in Python: plain tuples, which openswirl.checking turns into its report classes.
#include "check/check.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include "bindings/bindings.h"
#include "bindings/running.h"
#include "check/expression_text.h"

namespace openswirl::bindings {
namespace {

// AIR id, common part, cached parts, public values.
using TraceArgument = std::tuple<uint32_t, MatrixArray, std::vector<MatrixArray>, std::vector<uint32_t>>;

CheckMatrix matrix_of(const MatrixArray& array) { return {array.data(), array.shape(0), array.shape(1)}; }

CheckTrace trace_of(const TraceArgument& argument) {
  const auto& [air_id, common, cached, public_values] = argument;
  CheckTrace trace;
  trace.air_id = air_id;
  trace.common = matrix_of(common);
  for (const MatrixArray& part : cached) trace.cached.push_back(matrix_of(part));
  for (const uint32_t value : public_values) trace.public_values.push_back(Fp::from_u32(value));
  return trace;
}

// (AIR id, AIR name, constraint, text, source, failing rows, [(row, value, [(variable, value)])])
nb::object failure_tuple(const ProvingKey& key, const ConstraintFailure& failure) {
  const AirVk& air = key.vk.airs[failure.air_id];
  const AirPk& pk = key.airs[failure.air_id];
  const size_t num_cached = air.width.cached_mains.size();
  nb::list violations;
  for (const Violation& violation : failure.first) {
    nb::list variables;
    for (const VariableValue& variable : violation.variables) {
      variables.append(
          nb::make_tuple(variable_text(variable.variable, num_cached), variable.value.canonical()));
    }
    violations.append(nb::make_tuple(violation.row, violation.value.canonical(), variables));
  }
  const std::string text =
      expression_text(air.constraints.nodes, air.constraints.constraint_idx[failure.constraint], num_cached);
  return nb::make_tuple(failure.air_id, pk.name, failure.constraint, text,
                        source_at(pk.constraint_sources, failure.constraint), failure.num_rows, violations);
}

// (bus, unbalanced messages, [(message, net count, places, [(AIR id, AIR name, row, interaction, count,
// source)])])
nb::object bus_tuple(const ProvingKey& key, const UnbalancedBus& bus) {
  nb::list messages;
  for (const UnbalancedMessage& message : bus.first) {
    nb::list fields, places;
    for (const Fp field : message.message) fields.append(field.canonical());
    for (const MessagePlace& place : message.places) {
      const AirPk& pk = key.airs[place.air_id];
      places.append(nb::make_tuple(place.air_id, pk.name, place.row, place.interaction,
                                   place.count.canonical(),
                                   source_at(pk.interaction_sources, place.interaction)));
    }
    messages.append(nb::make_tuple(fields, message.net.canonical(), message.num_places, places));
  }
  return nb::make_tuple(bus.bus_index, bus.num_messages, messages);
}

nb::object run_check(const std::shared_ptr<const ProvingKey>& key,
                     const std::vector<TraceArgument>& arguments, size_t rows_per_constraint,
                     size_t messages_per_bus, unsigned threads, std::optional<double> timeout,
                     std::shared_ptr<CancelToken> cancel) {
  std::vector<CheckTrace> traces;
  for (const TraceArgument& argument : arguments) traces.push_back(trace_of(argument));
  CheckLimits limits;
  limits.rows_per_constraint = rows_per_constraint;
  limits.messages_per_bus = messages_per_bus;
  const CallOptions options{threads, timeout, std::move(cancel), nb::object()};
  Context context = make_context(options);
  CheckReport report;
  run_interruptible(options, context, [&] { report = check(*key, traces, limits, context); });
  nb::list failures, buses;
  for (const ConstraintFailure& failure : report.constraints) failures.append(failure_tuple(*key, failure));
  for (const UnbalancedBus& bus : report.buses) buses.append(bus_tuple(*key, bus));
  return nb::make_tuple(failures, buses);
}

}  // namespace

void bind_check(nb::module_& module) {
  module.def(
      "check", &run_check, nb::arg("pk"), nb::arg("traces").noconvert(), nb::kw_only(),
      nb::arg("rows_per_constraint"), nb::arg("messages_per_bus"), nb::arg("threads"),
      nb::arg("timeout").none(), nb::arg("cancel").none(),
      nb::sig("def check(pk: ProvingKey, traces: list[tuple[typing.Any, ...]], *, rows_per_constraint: int, "
              "messages_per_bus: int, threads: int, timeout: float | None, cancel: CancelToken | None) -> "
              "tuple[list[typing.Any], list[typing.Any]]"));
}

}  // namespace openswirl::bindings
