#include "gpu/folded_columns.h"

#include <algorithm>

#include "field/two_adic.h"
#include "gpu/elements.h"
#include "poly/eq.h"

namespace openswirl::gpu {
namespace {

constexpr uint64_t kGroup = 128;  // of constraints_fold_rows

}  // namespace

FoldedColumns fold_columns(Work& work, const stages::StageInputs& inputs, const DeviceTraces& traces,
                           const Ext& r_0) {
  const auto l_skip = static_cast<uint32_t>(inputs.shape.params.l_skip);
  FoldedColumns result;
  std::vector<ConstraintsFoldTrace> descriptors;
  std::vector<uint64_t> addresses;
  uint64_t elements = 0, groups = 0;
  for (size_t t = 0; t < inputs.traces.size(); ++t) {
    const stages::TraceView& view = inputs.traces[t];
    const bool rotated = view.air->need_rot;
    FoldedTrace& trace = result.traces.emplace_back();
    trace.first_element = elements;
    trace.log_blocks = view.shape.lifted_n;
    ConstraintsFoldTrace descriptor{};
    descriptor.columns = static_cast<uint32_t>(addresses.size());
    for (size_t part = 0; part < view.air->num_parts(); ++part) {
      trace.part_starts.push_back(trace.columns);
      // Parts without columns at the end are not listed.
      if (part >= traces.traces[t].parts.size()) continue;
      const std::vector<uint64_t>& columns = traces.traces[t].parts[part];
      addresses.insert(addresses.end(), columns.begin(), columns.end());
      trace.columns += columns.size() * (rotated ? 2 : 1);
    }
    const uint64_t items = (addresses.size() - descriptor.columns + 3) << trace.log_blocks;
    descriptor.first_group = static_cast<uint32_t>(groups);
    descriptor.log_height = view.shape.log_height;
    descriptor.log_stride = traces.traces[t].log_stride;
    descriptor.log_blocks = trace.log_blocks;
    descriptor.items = static_cast<uint32_t>(items);
    descriptor.first_element = static_cast<uint32_t>(elements);
    descriptor.rotated = rotated ? 1 : 0;
    const Selectors ends = selectors_at(trace_point(l_skip, std::min(view.shape.n, 0), {&r_0, 1}));
    set_words(descriptor.first, ends.first);
    set_words(descriptor.last, ends.last);
    descriptors.push_back(descriptor);
    groups += (items + kGroup - 1) / kGroup;
    elements += (trace.columns + 3) << trace.log_blocks;
  }
  std::vector<Ext> weights = {Ext::zero()};
  for (const Fp point : powers(two_adic_generator(l_skip), size_t{1} << l_skip)) {
    weights.push_back(eq_domain(l_skip, r_0, Ext(point)));
  }
  weights.push_back(Ext::zero());
  result.elements = work.words(4 * elements, "folded columns");
  const Array descriptor_words =
      work.upload(std::span<const ConstraintsFoldTrace>(descriptors), "trace descriptors");
  if (addresses.empty()) addresses.push_back(0);  // selectors alone
  const Array columns = work.upload(std::span<const uint64_t>(addresses), "column addresses");
  const Array weight_words = work.upload(std::span<const Ext>(weights), "fold weights");
  const ConstraintsFoldRowsArgs args{static_cast<uint32_t>(descriptors.size()), l_skip};
  Call call = calls::ConstraintsFoldRows{descriptor_words.range(), columns.range(), weight_words.range(),
                                         result.elements.range(), args}
                  .call();
  call.uses = traces.memory;
  work.recorder().groups(call, groups);
  return result;
}

}  // namespace openswirl::gpu
