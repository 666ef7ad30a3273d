#include "gpu/folded_columns.h"

#include <algorithm>

#include "field/two_adic.h"
#include "gpu/elements.h"
#include "poly/eq.h"

namespace openswirl::gpu {
namespace {

using stages::LeafSource;

constexpr uint64_t kGroup = 128;  // of constraints_fold_rows

// By part, and by opening order within it: which columns the AIR's constraints and interactions read.
std::vector<std::vector<bool>> read_columns(const AirRows& rows, const TraceColumns& columns, size_t step) {
  std::vector<std::vector<bool>> result;
  for (const auto& part : columns.parts) result.emplace_back(part.size() * step, false);
  for (const LeafSource& row : rows.rows) {
    const bool rotated = row.kind == LeafSource::Kind::kRotatedColumn;
    if (rotated || row.kind == LeafSource::Kind::kColumn) {
      result.at(row.part).at(row.index * step + (rotated ? 1 : 0)) = true;
    }
  }
  return result;
}

}  // namespace

FoldPlan::FoldPlan(const stages::StageInputs& inputs, const DeviceTraces& on_device_traces,
                   const ConstraintPrograms& programs) {
  for (size_t t = 0; t < inputs.traces.size(); ++t) {
    const stages::TraceView& view = inputs.traces[t];
    const TraceColumns& on_device = on_device_traces.traces[t];
    const size_t step = view.air->need_rot ? 2 : 1;
    FoldedTrace& trace = traces.emplace_back();
    trace.first_element = elements, trace.first_opened = opened;
    trace.log_blocks = view.shape.lifted_n;
    const auto is_read = read_columns(programs.air(view.shape.air_id).rows, on_device, step);
    trace.num_read = 3;
    for (const auto& part : is_read) {
      trace.num_read += u32_of(std::ranges::count(part, true));
    }
    ConstraintsFoldTrace descriptor{};
    descriptor.columns = u32_of(columns.size() / 2);
    uint32_t next_read = 0, next_opened = trace.num_read;
    // Parts without columns at the end are not listed.
    for (size_t part = 0; part < view.air->num_parts(); ++part) {
      trace.part_starts.push_back(trace.places.size());
      if (part >= on_device.parts.size()) continue;
      for (size_t c = 0; c < on_device.parts[part].size(); ++c) {
        uint64_t targets = 0;
        for (size_t offset = 0; offset < step; ++offset) {
          const bool reads = is_read[part][c * step + offset];
          const uint32_t place = reads ? next_read++ : next_opened++;
          const uint64_t element =
              reads ? elements + (uint64_t{place} << trace.log_blocks)
                    : FOLD_OPENED + opened + (uint64_t{place - trace.num_read} << trace.log_blocks);
          targets |= element << (32 * offset);
          trace.places.push_back(place);
        }
        columns.push_back(on_device.parts[part][c]);
        columns.push_back(targets);
      }
    }
    trace.columns = trace.places.size();
    descriptor.selectors = u32_of(elements + (uint64_t{next_read} << trace.log_blocks));
    while (next_read < trace.num_read) trace.places.push_back(next_read++);
    const uint64_t num_columns = columns.size() / 2 - descriptor.columns;
    const uint64_t items = (num_columns + 3) << trace.log_blocks;
    descriptor.first_group = u32_of(groups);
    descriptor.log_height = view.shape.log_height;
    descriptor.log_stride = on_device.log_stride;
    descriptor.log_blocks = trace.log_blocks;
    descriptor.items = u32_of(items);
    descriptor.rotated = step == 2 ? 1 : 0;
    descriptors.push_back(descriptor);
    groups += (items + kGroup - 1) / kGroup;
    elements += uint64_t{trace.num_read} << trace.log_blocks;
    opened += trace.num_opened() << trace.log_blocks;
    read_bytes += (4 * num_columns) << view.shape.log_height;
  }
  // Places of elements have the flag beside them.
  if (std::max(elements, opened) >= FOLD_OPENED) {
    throw Error(FailureKind::kUnsupported, "the traces have more columns and rows than a GPU backend folds");
  }
  if (columns.empty()) columns.push_back(0);  // selectors alone
}

FoldedColumns fold_columns(Work& work, const stages::StageInputs& inputs, const DeviceTraces& traces,
                           const FoldPlan& plan, const Ext& r_0) {
  const auto l_skip = static_cast<uint32_t>(inputs.shape.params.l_skip);
  std::vector<ConstraintsFoldTrace> descriptors = plan.descriptors;
  for (size_t t = 0; t < descriptors.size(); ++t) {
    const int32_t n = inputs.traces[t].shape.n;
    const Selectors ends = selectors_at(trace_point(l_skip, std::min(n, 0), {&r_0, 1}));
    set_words(descriptors[t].first, ends.first);
    set_words(descriptors[t].last, ends.last);
  }
  std::vector<Ext> weights = {Ext::zero()};
  for (const Fp point : powers(two_adic_generator(l_skip), size_t{1} << l_skip)) {
    weights.push_back(eq_domain(l_skip, r_0, Ext(point)));
  }
  weights.push_back(Ext::zero());
  FoldedColumns result;
  result.elements = work.words(4 * plan.elements, "folded columns");
  result.opened = work.words(std::max<uint64_t>(4 * plan.opened, 1), "opened columns");
  const Array descriptor_words =
      work.upload(std::span<const ConstraintsFoldTrace>(descriptors), "trace descriptors");
  const Array column_words = work.upload_borrowed(std::span<const uint64_t>(plan.columns), "columns to fold");
  const Array weight_words = work.upload(std::span<const Ext>(weights), "fold weights");
  const ConstraintsFoldRowsArgs args{u32_of(descriptors.size()), l_skip};
  Call call =
      calls::ConstraintsFoldRows{descriptor_words.range(), column_words.range(),  weight_words.range(),
                                 result.elements.range(),  result.opened.range(), args}
          .call();
  call.uses = traces.uses(plan.read_bytes);
  work.recorder().groups(call, plan.groups);
  return result;
}

}  // namespace openswirl::gpu
