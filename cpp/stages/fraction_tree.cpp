#include "stages/fraction_tree.h"

#include <algorithm>

#include "stages/constraint_blocks.h"
#include "stages/fraction_weights.h"
#include "stages/kernels.h"

namespace openswirl::stages {

FractionTreeStage::FractionTreeStage(const StageInputs& inputs, const Ext& alpha, const Ext& beta)
    : context_(inputs.context) {
  add_up(evaluate_leaves(inputs, alpha, beta));
}

FractionTreeStage::FractionTreeStage(const Context& context, FractionTable lowest) : context_(context) {
  add_up(std::move(lowest));
}

void FractionTreeStage::add_up(FractionTable leaves) {
  layers_.resize(leaves.log_size);
  layers_.back() = std::move(leaves);
  for (size_t i = layers_.size(); i-- > 1;) layers_[i - 1] = layers_[i].parents(context_);
}

FractionTable FractionTreeStage::evaluate_leaves(const StageInputs& inputs, const Ext& alpha,
                                                 const Ext& beta) const {
  FractionTable leaves(context_, inputs.shape.num_gkr_layers, inputs.shape.total_interactions, alpha, true);
  const auto l_skip = static_cast<uint32_t>(inputs.shape.params.l_skip);
  const size_t lanes = kernels().lanes;
  size_t start = 0;
  for (const TraceView& trace : inputs.traces) {
    const InteractionList& interactions = trace.air->constraints.interactions;
    if (interactions.empty()) continue;
    const size_t height = size_t{1} << trace.shape.log_height, lifted = std::max(height, size_t{1} << l_skip);
    const ConstraintProgram& program = inputs.programs->air(trace.shape.air_id).fractions;
    const FractionWeights weights = fraction_weights(interactions, alpha, beta);
    const std::vector<Ext> table = weight_table(program, weights.messages);

    const BlockShape shape = block_shape(height, 1, 1, lanes);
    const size_t rows = shape.groups * lanes;
    ProgramBlocks blocks(context_, program, trace, shape, 1, 5 * interactions.size() * rows, table);
    const std::vector<ColumnValues> columns = loaded_columns(program, trace);
    const Fp scale = Fp::one().div_2exp(trace.shape.n < 0 ? static_cast<unsigned>(-trace.shape.n) : 0);
    const auto load = [&](ProgramBlocks::WorkingSet& set, uint32_t index, uint32_t* plain,
                          uint32_t* rotated) {
      const ColumnValues& column = columns[index];
      const size_t first = set.block * rows, count = std::min(rows, height - first);
      const auto copy = [&](uint32_t* out, size_t offset) {
        if (out == nullptr) return;
        const size_t from = first + offset;
        if (column.stride == 1 && from + rows <= height) {
          std::copy_n(words(column.values) + from, rows, out);
          return;
        }
        for (size_t i = 0; i < rows; ++i) {
          out[i] = i < count ? column.values[((from + i) & (height - 1)) * column.stride].word() : 0;
        }
      };
      copy(plain, 0);
      copy(rotated, 1);
    };
    const auto begin = [&](ProgramBlocks::WorkingSet& set) {
      const size_t first = set.block * rows, count = std::min(rows, height - first);
      for (uint32_t i = 0; i < program.leaves.size(); ++i) {
        const LeafSource::Kind kind = program.leaves[i].kind;
        const bool is_first = kind == LeafSource::Kind::kFirst, is_last = kind == LeafSource::Kind::kLast;
        if (!is_first && !is_last && kind != LeafSource::Kind::kTransition) continue;
        for (size_t j = 0; j < rows; ++j) {
          const size_t row = first + j;
          const bool one = is_first ? row == 0 : is_last ? row == height - 1 : row != height - 1;
          set.row(i)[j] = one ? Fp::one().word() : 0;
        }
      }
      set.run.totals = nullptr;
      set.run.emit_constants = words(weights.constants.data());
      set.run.emit_scale = scale.word();
      const bool direct = count == rows;
      set.run.numerators =
          direct ? reinterpret_cast<uint32_t*>(leaves.base_p.data() + start + first) : set.staging.data();
      set.run.denominators =
          direct ? words(leaves.q.data() + start + first) : set.staging.data() + interactions.size() * rows;
      set.run.emit_stride = direct ? lifted : rows;
    };
    const auto store = [&](ProgramBlocks::WorkingSet& set) {
      if (set.run.numerators != set.staging.data()) return;
      // Fewer rows than a block: the copies of a short trace follow one another.
      const size_t first = set.block * rows;
      for (size_t s = 0; s < interactions.size(); ++s) {
        const auto* q = reinterpret_cast<const Ext*>(set.run.denominators) + s * rows;
        for (size_t i = first; i < lifted; ++i) {
          const size_t j = (i & (height - 1)) - first;
          leaves.base_p[start + s * lifted + i] = Fp::from_word(set.staging[s * rows + j]);
          leaves.q[start + s * lifted + i] = q[j];
        }
      }
    };
    blocks.run((height + rows - 1) / rows, load, begin, store);
    // A short trace whose rows fill whole vectors was written once; its copies are made here.
    for (size_t s = 0; height >= rows && height < lifted && s < interactions.size(); ++s) {
      for (size_t i = height; i < lifted; ++i) {
        const size_t at = start + s * lifted;
        leaves.base_p[at + i] = leaves.base_p[at + (i & (height - 1))];
        leaves.q[at + i] = leaves.q[at + (i & (height - 1))];
      }
    }
    start += interactions.size() * lifted;
  }
  leaves.pad(inputs.shape.total_interactions);
  return leaves;
}

FractionTreeStage::Root FractionTreeStage::root() const {
  const LayerClaims first = layers_.front().claims();
  return {first.p0 * first.q1 + first.p1 * first.q0, first.q0 * first.q1};
}

LayerClaims FractionTreeStage::first_layer() { return claims_ = layers_.front().claims(); }

void FractionTreeStage::enter(const Ext& lambda, const Ext& mu) {
  layers_[layer_ - 1] = FractionTable();
  sumcheck_.reset();
  sumcheck_.emplace(context_, LayerRounds(claims_, lambda, mu, bound_), std::move(layers_[layer_]));
}

std::array<Ext, 3> FractionTreeStage::next(const Ext* challenge) { return sumcheck_->next(challenge); }

LayerClaims FractionTreeStage::leave(const Ext& challenge) {
  claims_ = sumcheck_->leave(challenge);
  bound_ = sumcheck_->bound();
  ++layer_;
  return claims_;
}

}  // namespace openswirl::stages
