// The fold at r_0, the rounds over the hypercube and the column openings.
#include <algorithm>
#include <map>

#include "poly/eq.h"
#include "poly/univariate.h"
#include "stages/constraint_sum.h"
#include "stages/kernels.h"

namespace openswirl::stages {

void ConstraintSumStage::fold_trace_at_r0(Trace& trace, const Ext& r0, std::span<const Ext> weights) {
  const TraceView& view = *trace.view;
  const bool rotated = view.air->need_rot;
  const size_t size = size_t{1} << l_skip_, blocks = size_t{1} << view.shape.lifted_n;
  // Folds read two whole vectors and write one.
  trace.stride = std::max(blocks, 2 * lanes_);
  std::vector<std::pair<size_t, size_t>> columns;  // part, column
  trace.part_starts.clear();
  for (size_t part = 0; part < view.parts.size(); ++part) {
    trace.part_starts.push_back(columns.size() * (rotated ? 2 : 1));
    for (size_t c = 0; c < view.parts[part].columns.size(); ++c) columns.emplace_back(part, c);
  }
  trace.num_columns = columns.size() * (rotated ? 2 : 1);
  const size_t column_words = 4 * trace.stride;
  trace.folded =
      inputs_.context.buffer<uint32_t>((trace.num_columns + 3) * column_words, "folded columns", true);

  const size_t vectors = std::min<size_t>((blocks + lanes_ - 1) / lanes_, 64);
  const size_t per_tile = vectors * lanes_, tiles = (blocks + per_tile - 1) / per_tile;
  inputs_.context.parallel_for(
      columns.size() * tiles, std::max<size_t>(1, 4096 / vectors), [&](size_t begin, size_t end) {
        std::vector<uint32_t> staging(per_tile * size + 1);
        auto scratch = inputs_.context.buffer<uint64_t>(size * lanes_, "fold scratch");
        for (size_t i = begin; i < end; ++i) {
          const auto [part, c] = columns[i / tiles];
          const size_t start = i % tiles * per_tile;
          const uint32_t* values =
              block_values(view.parts[part].columns[c], view.parts[part].stride, view.shape, l_skip_,
                           start * size, per_tile * size, staging.data());
          uint32_t* out = trace.folded.data() + (i / tiles) * (rotated ? 2 : 1) * column_words + start;
          kernels().constraints.fold_blocks(values, vectors, l_skip_, words(weights.data()), scratch.data(),
                                            out, rotated ? out + column_words : nullptr, trace.stride);
        }
      });

  const Selectors ends = selectors_at(trace_point(l_skip_, std::min(view.shape.n, 0), {&r0, 1}));
  uint32_t* selectors = trace.folded.data() + trace.num_columns * column_words;
  const auto put = [&](size_t selector, size_t x, const Ext& value) {
    for (size_t k = 0; k < 4; ++k)
      selectors[selector * column_words + k * trace.stride + x] = value.c[k].word();
  };
  for (size_t x = 0; x < blocks; ++x) put(2, x, Ext::one());
  put(0, 0, ends.first);
  put(1, blocks - 1, ends.last);
  put(2, blocks - 1, Ext::one() - ends.last);
}

void ConstraintSumStage::fold_at_r0(const Ext& r0) {
  const Span span(*inputs_.context.spans, "fold_ple");
  const size_t size = size_t{1} << l_skip_, count = traces_.size();
  std::vector<Ext> weights;
  for (const Fp point : powers(two_adic_generator(l_skip_), size)) {
    weights.push_back(eq_domain(l_skip_, r0, Ext(point)));
  }
  const Ext zerocheck = l_skip_ == 0 ? Ext::one() : eq_domain(l_skip_, xi_[0], r0);
  const Ext logup = horner(std::span<const Ext>(eq_sharp_), r0);
  for (size_t t = 0; t < count; ++t) {
    Trace& trace = traces_[t];
    fold_trace_at_r0(trace, r0, weights);
    const Functional functional =
        this->functional(trace, {logup * mu_powers_[2 * t] * normalisation(trace),
                                 logup * mu_powers_[2 * t + 1], zerocheck * mu_powers_[2 * count + t]});
    trace.program = compile_sums(*trace.view->air, functional.outputs);
    trace.program_weights = weight_table(trace.program, functional.weights);
    trace.constant = functional.constant;
  }
}

void ConstraintSumStage::fold_columns(const Ext& challenge) {
  for (Trace& trace : traces_) {
    const uint32_t n = trace.view->shape.lifted_n;
    if (n < bound_) continue;
    const size_t length = size_t{1} << (n - bound_);
    inputs_.context.parallel_for(
        trace.num_columns + 3, std::max<size_t>(1, 65536 / length), [&](size_t begin, size_t end) {
          for (size_t i = begin; i < end; ++i) {
            kernels().constraints.fold_planes(trace.folded.data() + i * 4 * trace.stride, trace.stride,
                                              length, words(&challenge));
          }
        });
  }
}

std::vector<Ext> ConstraintSumStage::evaluate_lines(const Trace& trace, uint32_t log_points, size_t first,
                                                    size_t count) const {
  const ConstraintProgram& program = trace.program;
  if (program.num_weights == 0) return std::vector<Ext>(count, trace.constant);
  const size_t points = size_t{1} << log_points;
  const BlockShape block = block_shape(points, count, 4, lanes_);
  const size_t per_block = block.groups * lanes_, blocks = (points + per_block - 1) / per_block;
  std::vector<Ext> eq = eq_table(std::span<const Ext>(xi_).subspan(l_skip_ + bound_, log_points));
  eq.resize(blocks * per_block, Ext::zero());

  ProgramBlocks evaluator(inputs_.context, program, *trace.view, block, 4, 0, trace.program_weights);
  std::vector<std::pair<uint32_t, size_t>> rows;  // row of the program, folded column
  const size_t step = trace.view->air->need_rot ? 2 : 1;
  for (uint32_t row = 0; row < program.leaves.size(); ++row) {
    const LeafSource& leaf = program.leaves[row];
    switch (leaf.kind) {
      case LeafSource::Kind::kColumn:
        rows.emplace_back(row, trace.part_starts[leaf.part] + leaf.index * step);
        break;
      case LeafSource::Kind::kRotatedColumn:
        rows.emplace_back(row, trace.part_starts[leaf.part] + leaf.index * step + 1);
        break;
      case LeafSource::Kind::kFirst:
        rows.emplace_back(row, trace.num_columns);
        break;
      case LeafSource::Kind::kLast:
        rows.emplace_back(row, trace.num_columns + 1);
        break;
      case LeafSource::Kind::kTransition:
        rows.emplace_back(row, trace.num_columns + 2);
        break;
      default:
        break;
    }
  }
  evaluator.run(blocks, [&](ProgramBlocks::WorkingSet& set, size_t index) {
    for (const auto& [row, column] : rows) {
      kernels().constraints.load_pairs(trace.folded.data() + column * 4 * trace.stride, trace.stride,
                                       index * per_block, block.groups, first, count, set.row(row));
    }
    set.run.point_weights = words(eq.data() + index * per_block);
  });
  std::vector<Ext> values = evaluator.totals();
  for (Ext& value : values) value += trace.constant;
  return values;
}

void ConstraintSumStage::bind(const Ext& challenge) {
  if (bound_ == 0) {
    fold_at_r0(challenge);
  } else {
    fold_columns(challenge);
    prefix_ *= eq1(xi_[l_skip_ + bound_ - 1], challenge);
    tail_ *= challenge;
  }
  ++bound_;
}

void ConstraintSumStage::add_tails() {
  // A column of one entry is the line through it and whatever lies beside it, at X = 0.
  for (const Trace& trace : traces_) {
    if (trace.view->shape.lifted_n + 1 != bound_) continue;
    tail_ += prefix_ * evaluate_lines(trace, 0, 0, 1)[0];
  }
}

void ConstraintSumStage::fold(const Ext& r_0) {
  claim_ = horner(std::span<const Ext>(univariate_), r_0);
  bind(r_0);
}

std::vector<Ext> ConstraintSumStage::next(const Ext* challenge) {
  if (challenge) {
    claim_ = interpolate_at(last_round_, *challenge);
    bind(*challenge);
  }
  add_tails();

  // h(1) .. h(d), added up over the traces of one degree. Those of full degree need no value at 0: the claim
  // has it.
  std::map<uint32_t, std::vector<Ext>> by_degree;
  for (const Trace& trace : traces_) {
    if (trace.view->shape.lifted_n < bound_) break;
    const uint32_t degree = trace.degree();
    const std::vector<Ext> values =
        evaluate_lines(trace, trace.view->shape.lifted_n - bound_, degree < degree_ ? 0 : 1,
                       degree < degree_ ? degree + 1 : degree);
    std::vector<Ext>& sums = by_degree[degree];
    sums.resize(values.size(), Ext::zero());
    for (size_t i = 0; i < values.size(); ++i) sums[i] += values[i];
  }
  std::vector<Ext> h(degree_ + 1, Ext::zero());
  for (const auto& [degree, sums] : by_degree) {
    for (uint32_t x = 1; x <= degree_; ++x) {
      h[x] += prefix_ * (degree < degree_ ? interpolate_at(sums, Ext(Fp::from_u32(x))) : sums[x - 1]);
    }
  }
  const Ext& xi = xi_[l_skip_ + bound_ - 1];
  h[0] = (claim_ - xi * h[1] - tail_) * (Ext::one() - xi).inverse();
  h.push_back(interpolate_at(h, Ext(Fp::from_u32(degree_ + 1))));

  last_round_.clear();
  for (uint32_t x = 0; x <= degree_ + 1; ++x) {
    const Ext point = Fp::from_u32(x);
    last_round_.push_back(eq1(xi, point) * h[x] + tail_ * point);
  }
  return {last_round_.begin() + 1, last_round_.end()};
}

std::vector<PartOpenings> ConstraintSumStage::finish(const Ext* challenge) {
  if (challenge) bind(*challenge);
  std::vector<PartOpenings> openings;
  for (const Trace& trace : traces_) {
    const size_t step = trace.view->air->need_rot ? 2 : 1;
    PartOpenings& parts = openings.emplace_back();
    for (size_t part = 0; part < trace.view->parts.size(); ++part) {
      CompactList<Ext>& values = parts.emplace_back();
      for (size_t c = 0; c < trace.view->parts[part].columns.size() * step; ++c) {
        const uint32_t* column = trace.folded.data() + (trace.part_starts[part] + c) * 4 * trace.stride;
        const auto coefficient = [&](size_t k) { return Fp::from_word(column[k * trace.stride]); };
        values.push_back({coefficient(0), coefficient(1), coefficient(2), coefficient(3)});
      }
    }
  }
  return openings;
}

}  // namespace openswirl::stages
