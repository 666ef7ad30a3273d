#include "stages/constraint_lines.h"

#include <algorithm>

#include "poly/eq.h"
#include "stages/kernels.h"

namespace openswirl::stages {

ConstraintLines::ConstraintLines(const Context& context, const TraceView& view,
                                 const ConstraintProgram& program, uint32_t log_length)
    : context_(context),
      view_(view),
      program_(program),
      log_length_(log_length),
      together_(2 * kernels().lanes) {
  const size_t step = view.air->need_rot ? 2 : 1;
  for (size_t part = 0; part < view.air->num_parts(); ++part) {
    part_starts_.push_back(num_columns_);
    num_columns_ += view.air->part_width(part) * step;
  }
  for (uint32_t row = 0; row < program.leaves.size(); ++row) {
    const LeafSource::Kind kind = program.leaves[row].kind;
    if (program.leaves[row].is_base()) continue;
    selectors_.emplace_back(row, num_columns_ + (kind == LeafSource::Kind::kFirst  ? 0
                                                 : kind == LeafSource::Kind::kLast ? 1
                                                                                   : 2));
  }
  for (const LoadedColumn& loaded : program.columns)
    loaded_.push_back(part_starts_[loaded.part] + loaded.index * step);
  distance_ = (num_columns_ + 3) * 4 * together_;
  // Folds read one more of what lies together than short columns have.
  const size_t used = std::max<size_t>((size_t{1} << log_length) / together_, 1) * distance_;
  columns_ =
      context.buffer<uint32_t>(used + distance_, "folded columns", size_t{1} << log_length < together_);
  std::fill(columns_.data() + used, columns_.data() + used + distance_, 0);
}

size_t ConstraintLines::folded_distance() const {
  return size_t{1} << log_length_ > together_ ? 2 * distance_ : distance_;
}

void ConstraintLines::halve() {
  distance_ = folded_distance();
  --log_length_;
}

void ConstraintLines::set_column(size_t index, std::span<const Ext> entries) {
  uint32_t* words = column(index);
  for (size_t x = 0; x < entries.size(); ++x) {
    uint32_t* at = words + x / together_ * distance() + x % together_;
    for (size_t k = 0; k < 4; ++k) at[k * together_] = entries[x].c[k].word();
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

void ConstraintLines::set_weights(const RowWeights& weights) {
  program_weights_ =
      weight_table(program_, joined({&weights.constraints, &weights.messages, &weights.counts}));
  constant_ = weights.constant;
}

void ConstraintLines::bind(const Ext& challenge) {
  const size_t lines = (size_t{1} << log_length_) / 4, per_tile = together_ / 2;
  const size_t tiles = (lines + per_tile - 1) / per_tile, columns = num_columns_ + 3;
  context_.parallel_for(std::max<size_t>(tiles, 1) * columns, 1024, [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
      kernels().constraints.fold_lines(column(i % columns), distance_, words(&challenge),
                                       i / columns * per_tile, 1);
    }
  });
  halve();
}

std::vector<Ext> ConstraintLines::evaluate(std::span<const Ext> point, size_t first, size_t count,
                                           const Ext* challenge) {
  if (program_.num_weights == 0) {
    if (challenge) bind(*challenge);
    return std::vector<Ext>(count, constant_);
  }
  const ConstraintKernels& kernels = stages::kernels().constraints;
  const size_t points = size_t{1} << point.size();
  const BlockShape block = block_shape(points, count, 4, stages::kernels().lanes);
  const size_t per_block = block.groups * stages::kernels().lanes,
               blocks = (points + per_block - 1) / per_block;
  std::vector<Ext> eq = eq_table(point);
  eq.resize(blocks * per_block, Ext::zero());

  const size_t distance = challenge ? folded_distance() : distance_;
  const auto load_column = [&](size_t index, size_t start, uint32_t* row) {
    kernels.load_lines(column(index), distance, start, block.groups, first, count, row);
  };
  const auto load = [&](ProgramBlocks::WorkingSet& set, uint32_t index, uint32_t* plain, uint32_t* rotated) {
    const size_t start = set.block * per_block;
    if (plain != nullptr) load_column(loaded_[index], start, plain);
    if (rotated != nullptr) load_column(loaded_[index] + 1, start, rotated);
  };
  ProgramBlocks evaluator(context_, program_, view_, block, 4, 0, program_weights_);
  evaluator.run(blocks, load, [&](ProgramBlocks::WorkingSet& set) {
    const size_t start = set.block * per_block;
    // In the order of memory, just before the program reads them.
    for (size_t i = 0; challenge && i < num_columns_ + 3; ++i)
      kernels.fold_lines(column(i), distance_, words(challenge), start, block.groups);
    for (const auto& [row, index] : selectors_) load_column(index, start, set.row(row));
    set.run.point_weights = words(eq.data() + start);
  });
  if (challenge) halve();
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
      const uint32_t* entry = columns_.data() + i * 4 * together_;
      const auto coefficient = [&](size_t k) { return Fp::from_word(entry[k * together_]); };
      values.push_back({coefficient(0), coefficient(1), coefficient(2), coefficient(3)});
    }
  }
  return openings;
}

}  // namespace openswirl::stages
