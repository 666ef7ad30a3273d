#include "stages/constraint_lines.h"

#include <algorithm>

#include "poly/eq.h"
#include "stages/kernels.h"

namespace openswirl::stages {
ConstraintLines::ConstraintLines(const Context& context, const TraceView& view, uint32_t log_length)
    : context_(context), view_(view), log_length_(log_length) {
  for (size_t part = 0; part < view.air->num_parts(); ++part) {
    part_starts_.push_back(num_columns_);
    num_columns_ += view.air->part_width(part) * (view.air->need_rot ? 2 : 1);
  }
  // Folds read two whole vectors and write one.
  stride_ = std::max<size_t>(size_t{1} << log_length, 2 * kernels().lanes);
  columns_ = context.buffer<uint32_t>((num_columns_ + 3) * 4 * stride_, "folded columns", true);
}

void ConstraintLines::set_column(size_t index, std::span<const Ext> entries) {
  uint32_t* planes = column(index);
  for (size_t x = 0; x < entries.size(); ++x) {
    for (size_t k = 0; k < 4; ++k) planes[k * stride_ + x] = entries[x].c[k].word();
  }
}

void ConstraintLines::set_selectors(const Ext& first, const Ext& last) {
  const size_t length = size_t{1} << log_length_;
  std::vector<Ext> entries(length, Ext::zero());
  entries[0] = first;
  set_column(num_columns_, entries);
  entries[0] = Ext::zero();
  entries[length - 1] = last;
  set_column(num_columns_ + 1, entries);
  std::fill(entries.begin(), entries.end(), Ext::one());
  entries[length - 1] -= last;
  set_column(num_columns_ + 2, entries);
}

void ConstraintLines::set_weights(const RowFunctions& functions, const RowWeights& weights) {
  std::vector<ProgramOutput> outputs;
  std::vector<Ext> of_outputs;
  const auto add = [&](const std::vector<uint32_t>& nodes, const std::vector<Ext>& node_weights) {
    for (const uint32_t node : nodes) outputs.push_back({node, 0});
    of_outputs.insert(of_outputs.end(), node_weights.begin(), node_weights.end());
  };
  add(functions.constraints, weights.constraints);
  add(functions.messages, weights.messages);
  add(functions.counts, weights.counts);
  program_ = compile_sums(*view_.air, outputs);
  program_weights_ = weight_table(program_, of_outputs);
  constant_ = weights.constant;
}

void ConstraintLines::bind(const Ext& challenge) {
  const size_t length = size_t{1} << --log_length_;
  context_.parallel_for(num_columns_ + 3, std::max<size_t>(1, 65536 / length), [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
      kernels().constraints.fold_planes(column(i), stride_, length, words(&challenge));
    }
  });
}

std::vector<Ext> ConstraintLines::evaluate(std::span<const Ext> point, size_t first, size_t count) const {
  if (program_.num_weights == 0) return std::vector<Ext>(count, constant_);
  const size_t points = size_t{1} << point.size();
  const BlockShape block = block_shape(points, count, 4, kernels().lanes);
  const size_t per_block = block.groups * kernels().lanes, blocks = (points + per_block - 1) / per_block;
  std::vector<Ext> eq = eq_table(point);
  eq.resize(blocks * per_block, Ext::zero());

  ProgramBlocks evaluator(context_, program_, view_, block, 4, 0, program_weights_);
  std::vector<std::pair<uint32_t, size_t>> rows;  // row of the program, column
  const size_t step = view_.air->need_rot ? 2 : 1;
  for (uint32_t row = 0; row < program_.leaves.size(); ++row) {
    const LeafSource& leaf = program_.leaves[row];
    switch (leaf.kind) {
      case LeafSource::Kind::kColumn:
        rows.emplace_back(row, part_starts_[leaf.part] + leaf.index * step);
        break;
      case LeafSource::Kind::kRotatedColumn:
        rows.emplace_back(row, part_starts_[leaf.part] + leaf.index * step + 1);
        break;
      case LeafSource::Kind::kFirst:
        rows.emplace_back(row, num_columns_);
        break;
      case LeafSource::Kind::kLast:
        rows.emplace_back(row, num_columns_ + 1);
        break;
      case LeafSource::Kind::kTransition:
        rows.emplace_back(row, num_columns_ + 2);
        break;
      default:
        break;
    }
  }
  evaluator.run(blocks, [&](ProgramBlocks::WorkingSet& set, size_t index) {
    for (const auto& [row, column] : rows) {
      kernels().constraints.load_pairs(columns_.data() + column * 4 * stride_, stride_, index * per_block,
                                       block.groups, first, count, set.row(row));
    }
    set.run.point_weights = words(eq.data() + index * per_block);
  });
  std::vector<Ext> values = evaluator.totals();
  for (Ext& value : values) value += constant_;
  return values;
}

PartOpenings ConstraintLines::openings() const {
  PartOpenings openings;
  for (size_t part = 0; part < part_starts_.size(); ++part) {
    CompactList<Ext>& values = openings.emplace_back();
    const size_t end = part + 1 < part_starts_.size() ? part_starts_[part + 1] : num_columns_;
    for (size_t i = part_starts_[part]; i < end; ++i) {
      const uint32_t* entry = columns_.data() + i * 4 * stride_;
      const auto coefficient = [&](size_t k) { return Fp::from_word(entry[k * stride_]); };
      values.push_back({coefficient(0), coefficient(1), coefficient(2), coefficient(3)});
    }
  }
  return openings;
}

}  // namespace openswirl::stages
