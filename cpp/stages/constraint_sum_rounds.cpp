// The fold at r_0, the rounds over the hypercube and the column openings.
#include <algorithm>

#include "poly/eq.h"
#include "stages/constraint_sum.h"
#include "stages/kernels.h"

namespace openswirl::stages {

ConstraintLines fold_trace(const StageInputs& inputs, size_t trace, const Ext& r_0,
                           std::span<const Ext> weights) {
  const TraceView& view = inputs.traces[trace];
  const bool rotated = view.air->need_rot;
  const auto l_skip = static_cast<uint32_t>(inputs.shape.params.l_skip);
  const size_t lanes = kernels().lanes, size = size_t{1} << l_skip, blocks = size_t{1} << view.shape.lifted_n;
  ConstraintLines lines(inputs.context, view, view.shape.lifted_n);
  std::vector<std::pair<size_t, size_t>> columns;  // part, column
  for (size_t part = 0; part < view.parts.size(); ++part) {
    for (size_t c = 0; c < view.parts[part].columns.size(); ++c) columns.emplace_back(part, c);
  }

  const size_t vectors = std::min<size_t>((blocks + lanes - 1) / lanes, 64);
  const size_t per_tile = vectors * lanes, tiles = (blocks + per_tile - 1) / per_tile;
  inputs.context.parallel_for(
      columns.size() * tiles, std::max<size_t>(1, 4096 / vectors), [&](size_t begin, size_t end) {
        std::vector<uint32_t> staging(per_tile * size + 1);
        auto scratch = inputs.context.buffer<uint64_t>(size * lanes, "fold scratch");
        for (size_t i = begin; i < end; ++i) {
          const auto [part, c] = columns[i / tiles];
          const size_t start = i % tiles * per_tile;
          const uint32_t* values =
              block_values(view.parts[part].columns[c], view.parts[part].stride, view.shape, l_skip,
                           start * size, per_tile * size, staging.data());
          uint32_t* out = lines.column(i / tiles * (rotated ? 2 : 1)) + start;
          kernels().constraints.fold_blocks(values, vectors, l_skip, words(weights.data()), scratch.data(),
                                            out, rotated ? out + 4 * lines.stride() : nullptr,
                                            lines.stride());
        }
      });

  const Selectors ends = selectors_at(trace_point(l_skip, std::min(view.shape.n, 0), {&r_0, 1}));
  lines.set_selectors(ends.first, ends.last);
  return lines;
}

void ConstraintSumStage::bind(const Ext& challenge) {
  const bool first = rounds_.bound() == 0;
  if (first) {
    const Span span(*inputs_.context.spans, "fold_ple");
    const std::vector<Ext> weights = rounds_.fold_weights(challenge);
    for (size_t t = 0; t < inputs_.traces.size(); ++t) {
      lines_.push_back(fold_trace(inputs_, t, challenge, weights));
    }
  } else {
    for (size_t t = 0; t < lines_.size() && rounds_.in_head(t); ++t) lines_[t].bind(challenge);
  }
  rounds_.bind(challenge);
  if (!first) return;
  for (size_t t = 0; t < lines_.size(); ++t) lines_[t].set_weights(rounds_.functions(t), rounds_.weights(t));
}

void ConstraintSumStage::fold(const Ext& r_0) { bind(r_0); }

std::vector<Ext> ConstraintSumStage::next(const Ext* challenge) {
  if (challenge) bind(*challenge);
  std::vector<std::vector<Ext>> values(lines_.size());
  for (size_t t = 0; t < lines_.size(); ++t) {
    if (rounds_.ends_now(t)) rounds_.add_tail(lines_[t].value());
    if (!rounds_.in_head(t)) continue;
    const auto [first, count] = rounds_.positions(t);
    values[t] = lines_[t].evaluate(rounds_.line_point(t), first, count);
  }
  return rounds_.message(values);
}

std::vector<PartOpenings> ConstraintSumStage::finish(const Ext* challenge) {
  if (challenge) bind(*challenge);
  std::vector<PartOpenings> openings;
  for (const ConstraintLines& lines : lines_) openings.push_back(lines.openings());
  return openings;
}

}  // namespace openswirl::stages
