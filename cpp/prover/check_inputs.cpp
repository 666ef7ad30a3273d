#include "prover/check_inputs.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <limits>
#include <string>

#include "prover/run.h"

namespace openswirl {
namespace {

[[noreturn]] void reject(const std::string& message) { throw Error(FailureKind::kInput, message); }

std::string count_of(uint64_t n, const char* what) {
  return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
}

std::string air_text(const ProvingKey& key, uint32_t id) {
  const std::string& name = key.airs[id].name;
  return "AIR " + std::to_string(id) + (name.empty() ? "" : " (" + name + ")");
}

uint64_t rows_of(const AirTrace& trace) {
  if (const auto* host = std::get_if<HostMatrix>(&trace.common_main)) return host->rows;
  return std::get<std::shared_ptr<const DeviceMatrix>>(trace.common_main)->rows();
}
uint64_t columns_of(const AirTrace& trace) {
  if (const auto* host = std::get_if<HostMatrix>(&trace.common_main)) return host->columns;
  return std::get<std::shared_ptr<const DeviceMatrix>>(trace.common_main)->columns();
}

uint32_t check_height(const ProvingKey& key, const AirTrace& trace) {
  const SystemParams& params = key.vk.params;
  const std::string air = air_text(key, trace.air_id);
  const uint64_t rows = rows_of(trace);
  if (rows == 0) reject(air + ": its trace has no rows; leave an AIR without rows out of the traces");
  if (!std::has_single_bit(rows)) {
    reject(air + ": a trace of " + count_of(rows, "row") +
           "; the height must be a power of two, so pad it to " + std::to_string(std::bit_ceil(rows)));
  }
  const auto log_height = static_cast<uint32_t>(std::countr_zero(rows));
  if (log_height > params.log_stacked_height()) {
    reject(air + ": a trace of 2^" + std::to_string(log_height) +
           " rows is taller than the stacked height 2^" + std::to_string(params.log_stacked_height()) +
           "; split the trace or make a key with taller parameters");
  }
  return log_height;
}

void check_widths(const ProvingKey& key, const AirTrace& trace, uint32_t log_height) {
  const AirVk& air = key.vk.airs[trace.air_id];
  const std::string name = air_text(key, trace.air_id);
  if (columns_of(trace) != air.width.common_main) {
    reject(name + ": the common main trace has " + count_of(columns_of(trace), "column") + ", the AIR " +
           std::to_string(air.width.common_main) + "; give the trace that belongs to this AIR");
  }
  if (trace.cached_mains.size() != air.width.cached_mains.size()) {
    reject(name + ": " + count_of(trace.cached_mains.size(), "cached part") + " given, the AIR has " +
           std::to_string(air.width.cached_mains.size()) + "; give one commitment per cached part");
  }
  for (size_t j = 0; j < trace.cached_mains.size(); ++j) {
    const StackedLayout& layout = trace.cached_mains[j]->layout();
    const std::string part = name + ", cached part " + std::to_string(j) + ": ";
    if (layout.matrices.size() != 1) {
      reject(part + "its commitment holds " + count_of(layout.matrices.size(), "matrix") +
             "; commit every cached part on its own");
    }
    if (layout.l_skip != key.vk.params.l_skip ||
        layout.log_stacked_height != key.vk.params.log_stacked_height()) {
      reject(part + "committed with other parameters than the key's; commit it again with key.params");
    }
    if (layout.matrices[0].width != air.width.cached_mains[j]) {
      reject(part + "it has " + count_of(layout.matrices[0].width, "column") + ", the AIR " +
             std::to_string(air.width.cached_mains[j]) + "; commit the part that belongs to this AIR");
    }
    if (layout.matrices[0].log_height != log_height) {
      reject(part + "it has 2^" + std::to_string(layout.matrices[0].log_height) +
             " rows, the common main 2^" + std::to_string(log_height) +
             "; all parts of an AIR must have the same height");
    }
  }
  if (air.preprocessed) {
    const int64_t expected = air.preprocessed->hypercube_dim + static_cast<int64_t>(key.vk.params.l_skip);
    if (expected != int64_t{log_height}) {
      reject(name + ": the trace has 2^" + std::to_string(log_height) + " rows, the preprocessed trace 2^" +
             std::to_string(expected) + "; the height of this AIR is fixed by its key");
    }
  }
  if (trace.public_values.size() != air.num_public_values) {
    reject(name + ": " + count_of(trace.public_values.size(), "public value") + " given, the AIR has " +
           std::to_string(air.num_public_values));
  }
}

void check_required(const ProvingKey& key, const std::vector<std::optional<uint32_t>>& log_heights) {
  for (uint32_t id = 0; id < log_heights.size(); ++id) {
    if (key.vk.airs[id].is_required && !log_heights[id]) {
      reject(air_text(key, id) + " is required by the key but has no trace; give it one");
    }
  }
}

void check_limits(const VerifyingKey& vk, const ProofShape& shape) {
  if (shape.total_stacked_width() > vk.params.w_stack) {
    reject("the traces fill " + count_of(shape.total_stacked_width(), "stacked column") +
           ", the limit w_stack is " + std::to_string(vk.params.w_stack) +
           "; use shorter traces or a key with a taller stacked height");
  }
  for (size_t i = 0; i < vk.height_constraints.size(); ++i) {
    const HeightConstraint& constraint = vk.height_constraints[i];
    uint64_t sum = 0;
    for (const TraceShape& trace : shape.traces) {
      sum += uint64_t{constraint.coefficients[trace.air_id]} << (vk.params.l_skip + trace.lifted_n);
    }
    if (sum >= constraint.threshold) {
      reject("height constraint " + std::to_string(i) +
             " of the key is not met: the weighted sum of the heights is " + std::to_string(sum) +
             " and must stay below " + std::to_string(constraint.threshold) + "; use shorter traces");
    }
  }
  if (vk.params.l_skip == 0 && shape.total_interactions == 0 && shape.n_max == 0) {
    reject(
        "with l_skip 0, traces of one row and no interactions there is no evaluation point; use a taller "
        "trace or "
        "a larger l_skip");
  }
}

}  // namespace

CheckedInputs check_inputs(const ProvingKey& key, std::span<const AirTrace> traces) {
  if (traces.empty()) reject("no trace at all; give a trace for at least one AIR");
  std::vector<std::optional<uint32_t>> log_heights(key.vk.airs.size());
  std::vector<size_t> position(key.vk.airs.size());
  for (size_t i = 0; i < traces.size(); ++i) {
    const uint32_t id = traces[i].air_id;
    if (id >= log_heights.size()) {
      reject("there is no AIR " + std::to_string(id) + "; the key has " +
             count_of(log_heights.size(), "AIR") + ", numbered from 0");
    }
    if (log_heights[id]) reject(air_text(key, id) + " has two traces; give one per AIR");
    log_heights[id] = check_height(key, traces[i]);
    check_widths(key, traces[i], *log_heights[id]);
    position[id] = i;
  }
  check_required(key, log_heights);

  CheckedInputs checked{make_proof_shape(key.vk, log_heights), {}};
  check_limits(key.vk, checked.shape);
  for (const TraceShape& trace : checked.shape.traces) checked.order.push_back(position[trace.air_id]);
  return checked;
}

void check_device(const Device& device, const VerifyingKey& vk, const ProofShape& shape,
                  const Context& context) {
  const DeviceInfo& info = device.info();
  const std::string reason = device.unsupported_reason(shape);
  if (!reason.empty()) {
    throw Error(FailureKind::kUnsupported, "[" + info.name + "] cannot prove this shape: " + reason);
  }
  const uint64_t limit = context.meter->limit();
  const bool limited = limit != 0 && (info.memory_bytes == 0 || limit < info.memory_bytes);
  const uint64_t have = limited ? limit : info.memory_bytes;
  const MemoryPlan plan = device.plan(vk, shape).take();
  if (have == 0 || plan.peak() <= have) return;  // a device that does not know its memory gives 0

  const std::pair<const char*, uint64_t> phases[] = {{prover::kCommit.name, plan.commit},
                                                     {prover::kLogup.name, plan.fractions},
                                                     {prover::kConstraints.name, plan.constraints},
                                                     {prover::kStacking.name, plan.stacking},
                                                     {prover::kWhir.name, plan.whir}};
  Failure failure;
  failure.kind = FailureKind::kOutOfMemory;
  failure.where = std::find_if(std::begin(phases), std::end(phases), [&](auto& p) {
                    return p.second == plan.peak();
                  })->first;
  failure.need = plan.peak();
  failure.have = have;
  failure.message = "[" + info.name + "] the stage " + failure.where + " of this proof needs " +
                    std::to_string(plan.peak()) + " bytes, " +
                    (limited ? "the memory limit is " : "the device has ") + std::to_string(have) +
                    "; use smaller traces or " + (limited ? "a higher limit" : "a device with more memory");
  throw Error(std::move(failure));
}

std::optional<uint64_t> check_canonical(const HostMatrix& matrix, const Context& context) {
  constexpr uint64_t kNone = std::numeric_limits<uint64_t>::max();
  std::atomic<uint64_t> first{kNone};
  context.parallel_for(matrix.rows * matrix.columns, size_t{1} << 16, [&](size_t begin, size_t end) {
    const uint32_t* bad = std::find_if(matrix.data + begin, matrix.data + end,
                                       [](uint32_t value) { return value >= Fp::kModulus; });
    if (bad == matrix.data + end) return;
    const auto index = static_cast<uint64_t>(bad - matrix.data);
    uint64_t seen = first.load();
    while (index < seen && !first.compare_exchange_weak(seen, index)) {
    }
  });
  return first == kNone ? std::nullopt : std::optional<uint64_t>(first);
}

}  // namespace openswirl
