// Set-up and the univariate round.
#include "stages/constraint_sum.h"

#include <algorithm>

#include "poly/eq.h"
#include "stages/kernels.h"

namespace openswirl::stages {
namespace {

std::vector<const RowFunctions*> functions_of(const StageInputs& inputs) {
  std::vector<const RowFunctions*> functions;
  for (const TraceView& trace : inputs.traces) {
    functions.push_back(&inputs.programs->air(trace.shape.air_id).functions);
  }
  return functions;
}

}  // namespace

ConstraintSumStage::ConstraintSumStage(const StageInputs& inputs, const Ext&, const Ext& beta,
                                       std::vector<Ext> xi, const Ext& lambda)
    : inputs_(inputs),
      l_skip_(static_cast<uint32_t>(inputs.shape.params.l_skip)),
      lanes_(kernels().lanes),
      rounds_(*inputs.vk, inputs.shape, functions_of(inputs), beta, std::move(xi), lambda) {
  for (const TraceView& trace : inputs.traces) {
    std::vector<Ext>& eq =
        eq_cube_.emplace_back(eq_table(rounds_.xi().subspan(l_skip_, trace.shape.lifted_n)));
    // Whole vectors of blocks are weighed at once.
    eq.resize(std::max<size_t>(eq.size(), 16 * lanes_), Ext::zero());
  }
}

const AirPrograms& ConstraintSumStage::programs(size_t trace) const {
  return inputs_.programs->air(inputs_.traces[trace].shape.air_id);
}

std::vector<Ext> ConstraintSumStage::evaluate_cosets(size_t trace, const ConstraintProgram& program,
                                                     std::span<const Ext> node_weights,
                                                     std::span<const Coset> cosets) const {
  const TraceView& view = inputs_.traces[trace];
  const TraceShape& shape = view.shape;
  const size_t size = size_t{1} << l_skip_, blocks = size_t{1} << shape.lifted_n;
  const BlockShape block = block_shape(blocks, size, 1, lanes_);
  const std::vector<Ext> weights = weight_table(program, node_weights);
  const size_t per_block = block.groups * lanes_, row = per_block * size;
  ProgramBlocks evaluator(inputs_.context, program, view, block, 1, row + 1, weights, cosets.size());
  const std::vector<ColumnValues> columns = loaded_columns(program, view);

  // The selectors are zero (or one) but in the first and the last block.
  struct Ends {
    std::vector<Fp> first, last;
  };
  std::vector<Ends> ends(cosets.size());
  const uint32_t log_domain = std::min(l_skip_, shape.log_height);
  for (size_t c = 0; c < cosets.size(); ++c) {
    for (size_t z = 0; z < size; ++z) {
      const Fp point = cosets[c].point(z).pow(uint64_t{1} << (l_skip_ - log_domain));
      ends[c].first.push_back(eq_domain_at_one(log_domain, point));
      ends[c].last.push_back(eq_domain_at_one(log_domain, point * two_adic_generator(log_domain)));
    }
  }
  const auto load_selector = [&](LeafSource::Kind kind, const Ends& values, size_t start, uint32_t* out) {
    const bool is_first = kind == LeafSource::Kind::kFirst,
               is_transition = kind == LeafSource::Kind::kTransition;
    const size_t special = is_first ? 0 : blocks - 1;
    std::fill(out, out + row, is_transition ? Fp::one().word() : 0);
    if (special < start || special >= start + per_block) return;
    const size_t group = (special - start) / lanes_, lane = (special - start) % lanes_;
    for (size_t z = 0; z < size; ++z) {
      const Fp value = is_first        ? values.first[z]
                       : is_transition ? Fp::one() - values.last[z]
                                       : values.last[z];
      out[(group * size + z) * lanes_ + lane] = value.word();
    }
  };

  std::vector<CosetTables> tables;
  for (const Coset& coset : cosets) tables.push_back(coset.tables());
  // All cosets of a block in turn, while its cells are in the cache.
  const size_t runs = (blocks + per_block - 1) / per_block * cosets.size();
  const auto load = [&](ProgramBlocks::WorkingSet& set, uint32_t column, uint32_t* plain, uint32_t* rotated) {
    const size_t first = set.block / cosets.size() * row;
    const uint32_t* values = block_values(columns[column].values, columns[column].stride, shape, l_skip_,
                                          first, row, set.staging.data());
    kernels().constraints.load_coset(values, block.groups, tables[set.block % cosets.size()],
                                     set.load_scratch.data(), plain, rotated);
  };
  evaluator.run(runs, load, [&](ProgramBlocks::WorkingSet& set) {
    const size_t start = set.block / cosets.size() * per_block, c = set.block % cosets.size();
    for (uint32_t i = 0; i < program.leaves.size(); ++i) {
      const LeafSource::Kind kind = program.leaves[i].kind;
      if (kind == LeafSource::Kind::kFirst || kind == LeafSource::Kind::kLast ||
          kind == LeafSource::Kind::kTransition) {
        load_selector(kind, ends[c], start, set.row(i));
      }
    }
    set.run.point_weights = words(eq_cube_[trace].data() + start);
  });
  return evaluator.totals();
}

std::vector<ConstraintRounds::Claim> ConstraintSumStage::sum_claims() {
  const auto size = static_cast<std::ptrdiff_t>(1) << l_skip_;
  std::vector<ConstraintRounds::DomainSums> domain(inputs_.traces.size());
  for (size_t t = 0; t < domain.size(); ++t) {
    if (programs(t).functions.counts.empty()) continue;
    const RowWeights weights = rounds_.weights(t);
    const std::vector<Ext> sums =
        evaluate_cosets(t, programs(t).domain, joined({&weights.messages, &weights.counts}),
                        std::span<const Coset>(rounds_.cosets()).first(1));
    domain[t].messages.assign(sums.begin(), sums.begin() + size);
    domain[t].counts.assign(sums.begin() + size, sums.end());
  }
  return rounds_.claims(std::move(domain));
}

std::vector<Ext> ConstraintSumStage::first_round(const Ext& mu) {
  const size_t size = size_t{1} << l_skip_;
  rounds_.batch(mu);
  std::vector<ConstraintRounds::CosetSums> coset_sums(inputs_.traces.size());
  for (size_t t = 0; t < coset_sums.size(); ++t) {
    const uint32_t cosets = rounds_.num_cosets(t);
    if (cosets == 0) continue;
    const RowWeights weights = rounds_.weights(t);
    const std::vector<Ext> sums = evaluate_cosets(
        t, programs(t).cosets, joined({&weights.messages, &weights.counts, &weights.constraints}),
        std::span<const Coset>(rounds_.cosets()).subspan(1, cosets));
    const size_t num_sums = sums.size() / (cosets * size);
    for (size_t i = 0; i < sums.size(); ++i) {
      (i / size % num_sums == 0 ? coset_sums[t].logup : coset_sums[t].constraints).push_back(sums[i]);
    }
  }
  return rounds_.univariate(coset_sums);
}

}  // namespace openswirl::stages
