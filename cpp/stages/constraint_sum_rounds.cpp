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
  ConstraintLines lines(inputs.context, view, inputs.programs->air(view.shape.air_id).lines,
                        view.shape.lifted_n);
  std::vector<std::pair<size_t, size_t>> columns;  // part, column
  for (size_t part = 0; part < view.parts.size(); ++part) {
    for (size_t c = 0; c < view.parts[part].columns.size(); ++c) columns.emplace_back(part, c);
  }

  // Tile by tile, so that what is written lies together.
  const size_t vectors = std::min<size_t>((blocks + lanes - 1) / lanes, lines.together() / lanes);
  const size_t per_tile = vectors * lanes, tiles = (blocks + per_tile - 1) / per_tile;
  inputs.context.parallel_for(
      columns.size() * tiles, std::max<size_t>(1, 4096 / vectors), [&](size_t begin, size_t end) {
        std::vector<uint32_t> staging(per_tile * size + 1);
        auto scratch = inputs.context.buffer<uint64_t>(size * lanes, "fold scratch");
        for (size_t i = begin; i < end; ++i) {
          const size_t index = i % columns.size(), tile = i / columns.size();
          const auto [part, c] = columns[index];
          const uint32_t* values =
              block_values(view.parts[part].columns[c], view.parts[part].stride, view.shape, l_skip,
                           tile * per_tile * size, per_tile * size, staging.data());
          // Columns lie far apart: no hardware prefetcher finds the next one.
          if (view.parts[part].stride == 1 && index + 1 < columns.size() &&
              columns[index + 1].first == part) {
            const auto* following = words(view.parts[part].columns[c + 1]) + tile * per_tile * size;
            for (size_t word = 0; word < per_tile * size; word += 16) __builtin_prefetch(following + word);
          }
          uint32_t* plain = lines.column(index * (rotated ? 2 : 1)) + tile * lines.distance();
          uint32_t* next = rotated ? lines.column(2 * index + 1) + tile * lines.distance() : nullptr;
          kernels().constraints.fold_blocks(values, vectors, l_skip, words(weights.data()), scratch.data(),
                                            plain, next, lines.together());
        }
      });

  const Selectors ends = selectors_at(trace_point(l_skip, std::min(view.shape.n, 0), {&r_0, 1}));
  lines.set_selectors(ends.first, ends.last);
  return lines;
}

void ConstraintSumStage::fold(const Ext& r_0) {
  const Span span(*inputs_.context.spans, "fold_ple");
  const std::vector<Ext> weights = rounds_.fold_weights(r_0);
  for (size_t t = 0; t < inputs_.traces.size(); ++t) lines_.push_back(fold_trace(inputs_, t, r_0, weights));
  rounds_.bind(r_0);
  for (size_t t = 0; t < lines_.size(); ++t) lines_[t].set_weights(rounds_.weights(t));
}

std::vector<Ext> ConstraintSumStage::next(const Ext* challenge) {
  if (challenge) rounds_.bind(*challenge);
  std::vector<std::vector<Ext>> values(lines_.size());
  for (size_t t = 0; t < lines_.size(); ++t) {
    if (rounds_.ends_now(t)) {
      if (challenge) lines_[t].bind(*challenge);
      rounds_.add_tail(lines_[t].value());
    }
    if (!rounds_.in_head(t)) continue;
    const auto [first, count] = rounds_.positions(t);
    values[t] = lines_[t].evaluate(rounds_.line_point(t), first, count, challenge);
  }
  return rounds_.message(values);
}

std::vector<PartOpenings> ConstraintSumStage::finish(const Ext* challenge) {
  std::vector<PartOpenings> openings;
  for (size_t t = 0; t < lines_.size(); ++t) {
    if (challenge && rounds_.in_head(t)) lines_[t].bind(*challenge);
    openings.push_back(lines_[t].openings());
  }
  if (challenge) rounds_.bind(*challenge);
  return openings;
}

}  // namespace openswirl::stages
