#include "stages/fraction_tree.h"

#include <algorithm>
#include <mutex>

#include "poly/eq.h"
#include "stages/constraint_blocks.h"
#include "stages/kernels.h"

namespace openswirl::stages {
namespace {

constexpr size_t kGrain = 4096;  // nodes

uint32_t* mutable_words(Buffer<Ext>& buffer) { return reinterpret_cast<uint32_t*>(buffer.data()); }

}  // namespace

FractionTreeStage::Table FractionTreeStage::make_shape(uint32_t log_size, size_t used, const Ext& padding) {
  Table table;
  table.log_size = log_size;
  table.stored = std::min((used + 3) / 4 * 4, size_t{1} << log_size);
  table.padding = padding;
  return table;
}

FractionTreeStage::Table FractionTreeStage::make_table(uint32_t log_size, size_t used, const Ext& padding,
                                                       bool base) const {
  Table table = make_shape(log_size, used, padding);
  if (base) {
    table.base_p = inputs_.context.buffer<Fp>(table.stored, "LogUp leaves");
  } else {
    table.p = inputs_.context.buffer<Ext>(table.stored, "LogUp layers");
  }
  table.q = inputs_.context.buffer<Ext>(table.stored, "LogUp layers");
  return table;
}

void FractionTreeStage::pad(Table& table, size_t from) {
  for (size_t i = from; i < table.stored; ++i) {
    if (table.p_words() == 1) {
      table.base_p[i] = Fp::zero();
    } else {
      table.p[i] = Ext::zero();
    }
    table.q[i] = table.padding;
  }
}

FractionTreeStage::FractionTreeStage(const StageInputs& inputs, const Ext& alpha, const Ext& beta)
    : inputs_(inputs) {
  const uint32_t height = inputs.shape.num_gkr_layers;
  layers_.resize(height);
  layers_.back() = make_table(height, inputs.shape.total_interactions, alpha, true);
  evaluate_leaves(layers_.back(), alpha, beta);
  pad(layers_.back(), inputs.shape.total_interactions);
  for (uint32_t i = height; i-- > 1;) layers_[i - 1] = parents(layers_[i]);
}

void FractionTreeStage::evaluate_leaves(Table& leaves, const Ext& alpha, const Ext& beta) const {
  const auto l_skip = static_cast<uint32_t>(inputs_.shape.params.l_skip);
  const size_t lanes = kernels().lanes;
  size_t start = 0;
  for (const TraceView& trace : inputs_.traces) {
    const InteractionList& interactions = trace.air->constraints.interactions;
    if (interactions.empty()) continue;
    const size_t height = size_t{1} << trace.shape.log_height, lifted = std::max(height, size_t{1} << l_skip);
    const ConstraintProgram program = compile_fractions(*trace.air);

    size_t longest = 0;
    for (const Interaction& interaction : interactions)
      longest = std::max(longest, interaction.message.size());
    const std::vector<Ext> beta_powers = powers(beta, longest + 1);
    std::vector<Ext> weights, constants;
    for (const Interaction& interaction : interactions) {
      const size_t length = interaction.message.size();
      weights.insert(weights.end(), beta_powers.begin(),
                     beta_powers.begin() + static_cast<std::ptrdiff_t>(length));
      constants.push_back(alpha + beta_powers[length] * Fp::from_u32(uint32_t{interaction.bus_index} + 1));
    }
    const std::vector<Ext> table = weight_table(program, weights);

    const BlockShape shape = block_shape(height, 1, 1, lanes);
    const size_t rows = shape.groups * lanes;
    ProgramBlocks blocks(inputs_.context, program, trace, shape, 1, 5 * interactions.size() * rows, table);
    const std::vector<ColumnLeaf> columns = column_leaves(program, trace);
    const Fp scale = Fp::one().div_2exp(trace.shape.n < 0 ? static_cast<unsigned>(-trace.shape.n) : 0);
    const auto load = [&](ProgramBlocks::WorkingSet& set, size_t block) {
      const size_t first = block * rows, count = std::min(rows, height - first);
      const auto copy = [&](const ColumnLeaf& column, uint32_t row, size_t offset) {
        if (row == ColumnLeaf::kAbsent) return;
        const uint64_t stride = trace.parts[column.part].stride;
        uint32_t* out = set.row(row);
        for (size_t i = 0; i < rows; ++i) {
          out[i] = i < count ? column.values[((first + i + offset) & (height - 1)) * stride].word() : 0;
        }
      };
      for (const ColumnLeaf& column : columns) {
        copy(column, column.plain_row, 0);
        copy(column, column.rotated_row, 1);
      }
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
      set.run.emit_constants = words(constants.data());
      set.run.emit_scale = scale.word();
      const bool direct = count == rows;
      set.run.numerators =
          direct ? reinterpret_cast<uint32_t*>(leaves.base_p.data() + start + first) : set.staging.data();
      set.run.denominators =
          direct ? words(leaves.q.data() + start + first) : set.staging.data() + interactions.size() * rows;
      set.run.emit_stride = direct ? lifted : rows;
    };
    const auto store = [&](ProgramBlocks::WorkingSet& set, size_t block) {
      if (set.run.numerators != set.staging.data()) return;
      // Fewer rows than a block: the copies of a short trace follow one another.
      const size_t first = block * rows;
      for (size_t s = 0; s < interactions.size(); ++s) {
        const auto* q = reinterpret_cast<const Ext*>(set.run.denominators) + s * rows;
        for (size_t i = first; i < lifted; ++i) {
          const size_t j = (i & (height - 1)) - first;
          leaves.base_p[start + s * lifted + i] = Fp::from_word(set.staging[s * rows + j]);
          leaves.q[start + s * lifted + i] = q[j];
        }
      }
    };
    blocks.run((height + rows - 1) / rows, load, store);
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
}

FractionTreeStage::Table FractionTreeStage::parents(const Table& children) const {
  Table result =
      make_table(children.log_size - 1, (children.stored + 1) / 2, children.padding.square(), false);
  inputs_.context.parallel_for(children.stored / 2, kGrain, [&](size_t begin, size_t end) {
    kernels().fractions.add_pairs(children.p_data(), children.p_words(), children.q_data(), begin, end,
                                  mutable_words(result.p), mutable_words(result.q));
  });
  pad(result, children.stored / 2);
  return result;
}

LayerClaims FractionTreeStage::claims(const Table& table) {
  if (table.p_words() == 1) return {Ext(table.base_p[0]), table.q[0], Ext(table.base_p[1]), table.q[1]};
  return {table.p[0], table.q[0], table.p[1], table.q[1]};
}

FractionTreeStage::Root FractionTreeStage::root() const {
  const LayerClaims first = claims(layers_.front());
  return {first.p0 * first.q1 + first.p1 * first.q0, first.q0 * first.q1};
}

LayerClaims FractionTreeStage::first_layer() { return claims_ = claims(layers_.front()); }

void FractionTreeStage::enter(const Ext& lambda, const Ext& mu) {
  lambda_ = lambda;
  point_.assign(1, mu);
  point_.insert(point_.end(), bound_.begin(), bound_.end());
  bound_.clear();
  round_ = 0;
  prefix_ = Ext::one();
  const Ext p = claims_.p0 + (claims_.p1 - claims_.p0) * mu, q = claims_.q0 + (claims_.q1 - claims_.q0) * mu;
  claim_ = p + lambda * q;
  layers_[layer_ - 1] = Table();
  spare_ = Table();
  table_ = std::move(layers_[layer_]);

  // eq over all but the first variable; every later round sums its lowest variable out.
  const size_t variables = point_.size() - 1;
  eq_size_ = size_t{1} << variables;
  eq_ = inputs_.context.buffer<Ext>(eq_size_, "LogUp eq table");
  eq_[0] = Ext::one();
  for (size_t j = 0; j < variables; ++j) {
    const size_t half = size_t{1} << j;
    const Ext x = point_[j + 1];
    inputs_.context.parallel_for(half, kGrain, [&](size_t begin, size_t end) {
      for (size_t b = begin; b < end; ++b) {
        eq_[b + half] = eq_[b] * x;
        eq_[b] -= eq_[b + half];
      }
    });
  }
}

void FractionTreeStage::bind(const Ext& challenge) {
  const Ext& s0 = round_poly_[0];
  claim_ = s0 + challenge * (round_poly_[1] - s0 - round_poly_[2] + challenge * round_poly_[2]);
  prefix_ *= eq1(point_[round_], challenge);
  bound_.push_back(challenge);
  ++round_;

  Table folded = make_shape(table_.log_size - 1, table_.stored / 2, table_.padding);
  if (spare_.p.size() < folded.stored) spare_.p = inputs_.context.buffer<Ext>(folded.stored, "LogUp tables");
  if (spare_.q.size() < folded.stored) spare_.q = inputs_.context.buffer<Ext>(folded.stored, "LogUp tables");
  folded.p = std::move(spare_.p);
  folded.q = std::move(spare_.q);
  inputs_.context.parallel_for(table_.stored / 4, kGrain, [&](size_t begin, size_t end) {
    kernels().fractions.bind(table_.p_data(), table_.p_words(), table_.q_data(), words(&challenge), begin,
                             end, mutable_words(folded.p), mutable_words(folded.q));
  });
  pad(folded, table_.stored / 2);
  spare_ = std::move(table_);
  table_ = std::move(folded);
}

std::array<Ext, 3> FractionTreeStage::next(const Ext* challenge) {
  if (challenge != nullptr) {
    bind(*challenge);
    eq_size_ /= 2;
    if (spare_eq_.size() < eq_size_) spare_eq_ = inputs_.context.buffer<Ext>(eq_size_, "LogUp eq table");
    inputs_.context.parallel_for(eq_size_, kGrain, [&](size_t begin, size_t end) {
      for (size_t y = begin; y < end; ++y) spare_eq_[y] = eq_[2 * y] + eq_[2 * y + 1];
    });
    std::swap(eq_, spare_eq_);
  }

  Ext sums[3] = {Ext::zero(), Ext::zero(), Ext::zero()};  // h(1), its leading coefficient, eq
  std::mutex mutex;
  inputs_.context.parallel_for(table_.stored / 4, kGrain, [&](size_t begin, size_t end) {
    Ext local[3] = {Ext::zero(), Ext::zero(), Ext::zero()};
    kernels().fractions.round_sums(table_.p_data(), table_.p_words(), table_.q_data(), words(eq_.data()),
                                   words(&lambda_), begin, end, words(local));
    const std::lock_guard lock(mutex);
    for (size_t i = 0; i < 3; ++i) sums[i] += local[i];
  });
  // Over the padding h is the constant lambda c^2.
  const Ext at_one = sums[0] + lambda_ * table_.padding.square() * (Ext::one() - sums[2]);
  const Ext& xi = point_[round_];
  const Ext at_zero = (claim_ - xi * at_one) * (Ext::one() - xi).inverse();
  round_poly_ = {at_zero, at_one, sums[1]};

  std::array<Ext, 3> message;
  for (uint32_t i = 0; i < 3; ++i) {
    const Ext x = Fp::from_u32(i + 1);
    message[i] = prefix_ * eq1(xi, x) * (at_zero + x * (at_one - at_zero - sums[1] + x * sums[1]));
  }
  return message;
}

LayerClaims FractionTreeStage::leave(const Ext& challenge) {
  bind(challenge);
  ++layer_;
  return claims_ = claims(table_);
}

}  // namespace openswirl::stages
