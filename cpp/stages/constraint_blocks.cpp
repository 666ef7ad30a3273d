#include "stages/constraint_blocks.h"

#include <algorithm>
#include <bit>

#include "stages/kernels.h"

namespace openswirl::stages {

BlockShape block_shape(size_t points, size_t period, size_t planes, size_t lanes) {
  const size_t wanted = std::bit_floor(std::max<size_t>(1, 16 / (period * planes)));
  const size_t needed = (points + lanes - 1) / lanes;
  return {std::min(wanted, std::max<size_t>(needed, 1)), period};
}

std::vector<ColumnValues> loaded_columns(const ConstraintProgram& program, const TraceView& trace) {
  std::vector<ColumnValues> columns;
  for (const LoadedColumn& column : program.columns) {
    const PartView& part = trace.parts.at(column.part);
    columns.push_back({part.columns.at(column.index), part.stride});
  }
  return columns;
}

ProgramBlocks::ProgramBlocks(const Context& context, const ConstraintProgram& program, const TraceView& trace,
                             BlockShape shape, size_t planes, size_t staging_words,
                             std::span<const Ext> weights, size_t tables)
    : context_(context),
      program_(program),
      trace_(trace),
      shape_(shape),
      planes_(planes),
      staging_words_(staging_words),
      lanes_(kernels().lanes),
      tables_(tables),
      weights_(weights) {}

std::unique_ptr<ProgramBlocks::WorkingSet> ProgramBlocks::make() const {
  auto set = std::make_unique<WorkingSet>();
  const size_t vectors = shape_.groups * shape_.period;
  set->row_words = vectors * planes_ * lanes_;
  set->rows = context_.buffer<uint32_t>(program_.num_rows * set->row_words, "constraint working set");
  set->scratch =
      context_.buffer<uint64_t>(4 * program_.num_sums * vectors * lanes_, "constraint working set");
  set->load_scratch =
      context_.buffer<uint64_t>((2 * shape_.period + shape_.groups + 1) * lanes_, "constraint working set");
  set->staging = context_.buffer<uint32_t>(std::max<size_t>(staging_words_, 1), "constraint working set");
  set->totals.assign(tables_ * program_.num_sums * shape_.period, Ext::zero());
  for (uint32_t row = 0; row < program_.leaves.size(); ++row) {
    const LeafSource& leaf = program_.leaves[row];
    if (!leaf.is_base()) continue;
    const Fp value =
        leaf.kind == LeafSource::Kind::kConstant ? leaf.constant : trace_.public_values.at(leaf.index);
    uint32_t* out = set->row(row);
    for (size_t i = 0; i < set->row_words; ++i) {
      out[i] = planes_ == 1 || (i / lanes_) % planes_ == 0 ? value.word() : 0;
    }
  }
  ProgramRun& run = set->run;
  run.instructions = program_.instructions.data();
  run.num_instructions = program_.instructions.size();
  run.weights = words(weights_.data());
  run.rows = set->rows.data();
  run.groups = shape_.groups, run.period = shape_.period;
  run.num_sums = program_.num_sums;
  run.scratch = set->scratch.data();
  run.loader = set.get();
  run.load = [](void* loader, uint32_t column, uint32_t* plain, uint32_t* rotated) {
    auto& loading = *static_cast<WorkingSet*>(loader);
    (*loading.load)(loading, column, plain, rotated);
  };
  return set;
}

std::unique_ptr<ProgramBlocks::WorkingSet> ProgramBlocks::acquire() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto set = std::move(idle_.back());
      idle_.pop_back();
      return set;
    }
  }
  return make();
}

void ProgramBlocks::run(size_t blocks, const Load& load, const std::function<void(WorkingSet&)>& body,
                        const std::function<void(WorkingSet&)>& after) {
  const auto kernel = planes_ == 1 ? kernels().constraints.run_base : kernels().constraints.run_ext;
  // At most about a million row operations a range keep the polls of the cancel token close enough, and
  // several ranges a thread keep all threads busy.
  const size_t work = (program_.instructions.size() + program_.num_rows + 1) * shape_.groups * shape_.period;
  const size_t grain =
      std::clamp<size_t>(blocks / (8 * context_.pool->size()), 1, std::max<size_t>(1, 1000000 / work));
  context_.parallel_for(blocks, grain, [&](size_t begin, size_t end) {
    auto set = acquire();
    set->load = &load;
    for (size_t block = begin; block < end; ++block) {
      set->block = block;
      set->run.totals = words(set->totals.data() + block % tables_ * program_.num_sums * shape_.period);
      body(*set);
      kernel(set->run);
      if (after) after(*set);
    }
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(set));
  });
}

std::vector<Ext> ProgramBlocks::totals() const {
  std::vector<Ext> sums(tables_ * program_.num_sums * shape_.period, Ext::zero());
  for (const auto& set : idle_) {
    for (size_t i = 0; i < sums.size(); ++i) sums[i] += set->totals[i];
  }
  return sums;
}

const uint32_t* block_values(const Fp* column, uint64_t stride, const TraceShape& shape, uint32_t l_skip,
                             size_t first, size_t count, uint32_t* staging) {
  const size_t height = size_t{1} << shape.log_height;
  const size_t lifted = std::max(height, size_t{1} << l_skip);
  const auto* values = reinterpret_cast<const uint32_t*>(column);
  if (stride == 1 && first + count < height) return values + first;
  const size_t real = std::min(count, lifted - first);
  for (size_t i = 0; i < real; ++i) staging[i] = values[((first + i) & (height - 1)) * stride];
  staging[real] = values[((first + real) & (height - 1)) * stride];
  for (size_t i = real + 1; i <= count; ++i) staging[i] = 0;
  return staging;
}

std::vector<Ext> joined(std::initializer_list<const std::vector<Ext>*> lists) {
  std::vector<Ext> result;
  for (const std::vector<Ext>* list : lists) result.insert(result.end(), list->begin(), list->end());
  return result;
}

std::vector<Ext> weight_table(const ConstraintProgram& program, std::span<const Ext> weights) {
  std::vector<Ext> table(program.num_weights, Ext::zero());
  for (size_t i = 0; i < weights.size(); ++i) table[program.weight_index[i]] = weights[i];
  return table;
}

}  // namespace openswirl::stages
