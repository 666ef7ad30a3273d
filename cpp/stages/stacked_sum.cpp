#include "stages/stacked_sum.h"

#include <algorithm>
#include <mutex>

#include "poly/eq.h"
#include "stages/kernels.h"
#include "stages/words.h"

namespace openswirl::stages {
namespace {

constexpr size_t kTileRows = 256;  // rows

// eq_x and eq_{x-1} - eq_x over the cube, x - 1 cyclic.
std::vector<Ext> successor_table(std::span<const Ext> eq) {
  std::vector<Ext> table(eq.size());
  for (size_t x = 0; x < eq.size(); ++x) table[x] = eq[(x + eq.size() - 1) & (eq.size() - 1)] - eq[x];
  return table;
}

}  // namespace

StackedSumStage::StackedSumStage(const StageInputs& inputs, std::span<const Ext> r, const Ext& lambda)
    : inputs_(inputs),
      l_skip_(static_cast<uint32_t>(inputs.shape.params.l_skip)),
      r_(r.begin(), r.end()),
      rounds_(inputs.shape, lambda) {
  for (const HeightClass& of_height : rounds_.classes()) {
    Cells& cells = cells_.emplace_back();
    for (const ReducedColumn& column : of_height.columns) {
      const CommitmentView& commitment = inputs.commitments[column.commitment];
      cells.columns.push_back(words(commitment.stacked) +
                              (uint64_t{column.stacked_column} << commitment.layout->log_stacked_height) +
                              column.start_row);
    }
    if (of_height.n >= 0) continue;
    const size_t height = size_t{1} << of_height.log_height, stride = size_t{1} << of_height.log_stride();
    cells.gathered = inputs.context.buffer<Fp>(of_height.columns.size() * height, "short columns");
    uint32_t* out = words(cells.gathered.data());
    for (const uint32_t*& column : cells.columns) {
      for (size_t i = 0; i < height; ++i) out[i] = column[i * stride];
      column = out;
      out += height;
    }
  }
}

void StackedSumStage::combine(const HeightClass& of_height, Cells& cells) const {
  const size_t height = size_t{1} << of_height.log_height, count = of_height.columns.size();
  std::vector<Ext> weights;
  for (const ReducedColumn& column : of_height.columns) {
    weights.push_back(column.plain_weight);
    weights.push_back(column.rotated_weight);
  }
  cells.plain_combined = inputs_.context.buffer<Ext>(height, "combined columns");
  if (of_height.rotated) cells.rotated_combined = inputs_.context.buffer<Ext>(height, "combined columns");
  const size_t tiles = (height + kTileRows - 1) / kTileRows;
  inputs_.context.parallel_for(tiles, std::max<size_t>(1, 4096 / count), [&](size_t begin, size_t end) {
    auto scratch = inputs_.context.buffer<uint64_t>(8 * kTileRows, "combined columns");
    for (size_t tile = begin; tile < end; ++tile) {
      kernels().stacking.combine(cells.columns.data(), count, words(weights.data()), tile * kTileRows,
                                 std::min(height, (tile + 1) * kTileRows), scratch.data(),
                                 words(cells.plain_combined.data()),
                                 of_height.rotated ? words(cells.rotated_combined.data()) : nullptr);
    }
  });
}

FirstSums StackedSumStage::first_sums(const HeightClass& of_height, const Cells& cells) const {
  const size_t block = size_t{1} << of_height.log_block();
  const std::vector<Ext> eq = eq_table(trace_point(l_skip_, of_height.n, r_).cube),
                         successor = successor_table(eq);
  const size_t rotated_block = of_height.rotated ? block : 0;
  const FirstSums zero{std::vector<Ext>(block, Ext::zero()), std::vector<Ext>(rotated_block, Ext::zero()),
                       std::vector<Ext>(rotated_block, Ext::zero())};
  FirstSums sums = zero;
  std::mutex mutex;
  inputs_.context.parallel_for(eq.size(), std::max<size_t>(1, 8192 / block), [&](size_t begin, size_t end) {
    FirstSums part = zero;
    for (size_t x = begin; x < end; ++x) {
      for (size_t z = 0; z < block; ++z) {
        part.plain[z] += cells.plain_combined[x * block + z] * eq[x];
        if (!of_height.rotated) continue;
        const Ext& cell = cells.rotated_combined[x * block + z];
        part.rotated[z] += cell * eq[x];
        part.successor[z] += cell * successor[x];
      }
    }
    const std::lock_guard lock(mutex);
    for (size_t z = 0; z < block; ++z) sums.plain[z] += part.plain[z];
    for (size_t z = 0; z < rotated_block; ++z) {
      sums.rotated[z] += part.rotated[z];
      sums.successor[z] += part.successor[z];
    }
  });
  return sums;
}

std::vector<Ext> StackedSumStage::first_round() {
  std::vector<FirstSums> sums;
  for (size_t c = 0; c < cells_.size(); ++c) {
    const HeightClass& of_height = rounds_.classes()[c];
    combine(of_height, cells_[c]);
    sums.push_back(first_sums(of_height, cells_[c]));
  }
  return first_round_polynomial(l_skip_, r_, rounds_.classes(), sums);
}

StackedRounds::Tables StackedSumStage::tables(const HeightClass& of_height, const Cells& cells) const {
  const size_t block = size_t{1} << of_height.log_block();
  const KernelFactors factors = kernel_factors(l_skip_, of_height, r_, u_[0]);
  const std::vector<Ext> eq = eq_table(trace_point(l_skip_, of_height.n, r_).cube),
                         successor = successor_table(eq);
  StackedRounds::Tables tables;
  tables.eq.resize(eq.size());
  tables.rotation.resize(eq.size());
  for (size_t x = 0; x < eq.size(); ++x) {
    tables.eq[x] = factors.eq * eq[x];
    tables.rotation[x] = factors.rotation * eq[x] + factors.carry * successor[x];
  }
  if (of_height.lifted_n() == 0) return tables;
  const std::vector<Ext> weights = block_weights(l_skip_, of_height, u_[0]);
  const auto fold = [&](const Buffer<Ext>& combined) {
    std::vector<Ext> folded(eq.size(), Ext::zero());
    inputs_.context.parallel_for(folded.size(), std::max<size_t>(1, 8192 / block),
                                 [&](size_t begin, size_t end) {
                                   for (size_t x = begin; x < end; ++x) {
                                     for (size_t z = 0; z < block; ++z)
                                       folded[x] += combined[x * block + z] * weights[z];
                                   }
                                 });
    return folded;
  };
  tables.plain = fold(cells.plain_combined);
  if (of_height.rotated) tables.rotated = fold(cells.rotated_combined);
  return tables;
}

std::vector<Ext> StackedSumStage::column_values(const HeightClass& of_height, const Cells& cells) const {
  const size_t height = size_t{1} << of_height.log_height, count = of_height.columns.size();
  const size_t block = size_t{1} << of_height.log_block();
  const std::vector<Ext> eq = eq_table(std::span<const Ext>(u_).subspan(1, of_height.lifted_n()));
  const std::vector<Ext> weights = block_weights(l_skip_, of_height, u_[0]);
  auto table = inputs_.context.buffer<Fp>(4 * height, "opening weights");
  inputs_.context.parallel_for(height, 4096, [&](size_t begin, size_t end) {
    for (size_t row = begin; row < end; ++row) {
      const Ext weight = weights[row & (block - 1)] * eq[row / block];
      for (size_t k = 0; k < 4; ++k) table[k * height + row] = weight.c[k];
    }
  });

  std::vector<Ext> values(count, Ext::zero());
  constexpr size_t kRows = 2048;  // their weights stay in the first cache
  inputs_.context.parallel_for(
      count, std::max<size_t>(1, (size_t{1} << 22) / height), [&](size_t begin, size_t end) {
        for (size_t row = 0; row < height; row += kRows) {
          kernels().stacking.products(cells.columns.data() + begin, end - begin, words(table.data()), height,
                                      row, std::min(height, row + kRows), words(values.data() + begin));
        }
      });
  return values;
}

void StackedSumStage::bind(const Ext& challenge) {
  u_.push_back(challenge);
  rounds_.bind(challenge);
  const auto bound = static_cast<uint32_t>(u_.size() - 1);
  for (size_t c = cells_.size(); c-- > 0;) {
    const HeightClass& of_height = rounds_.classes()[c];
    if (bound == 0) {
      rounds_.set_tables(c, tables(of_height, cells_[c]));
      cells_[c].plain_combined = {};
      cells_[c].rotated_combined = {};
    }
    if (of_height.lifted_n() == bound) {
      rounds_.add_nodes(c, column_values(of_height, cells_[c]), rounds_.node_weights(c));
    }
  }
}

std::array<Ext, 2> StackedSumStage::next(const Ext& challenge) {
  bind(challenge);
  return rounds_.sums();
}

std::vector<std::vector<Ext>> StackedSumStage::finish(const Ext& challenge) {
  bind(challenge);
  return rounds_.openings();
}

}  // namespace openswirl::stages
