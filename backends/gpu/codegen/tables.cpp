#include "gpu/codegen/tables.h"

#include <algorithm>

namespace openswirl::gpu::codegen {
namespace {

uint64_t row_cost(const Loop& loop) { return (loop.group->cost() + kWeighingCost) * loop.cells_per_row; }

}  // namespace

CellTables::CellTables(const CellPlan& plan, const EmittedText& text, Form form,
                       std::span<const uint32_t> leaf_rows, uint32_t first_stored_row,
                       std::span<const Fp> uniforms)
    : plan_(plan), text_(text), form_(form), leaf_rows_(leaf_rows.begin(), leaf_rows.end()) {
  uint32_t first_cell = 0;
  for (const EmittedKernel& kernel : text.kernels) {
    std::vector<LoopPlace>& places = places_.emplace_back();
    if (kernel.form != form) continue;
    for (const Loop& loop : kernel.loops) {
      std::vector<CellOp::Kind> kinds(loop.group->parameters, CellOp::Kind::kLeaf);
      for (const CellOp& op : loop.group->shape) {
        if (op.is_parameter()) kinds[op.a] = op.kind;
      }
      const std::vector<Cell>& cells = loop.group->cells;
      const auto rows = static_cast<uint32_t>((cells.size() + loop.cells_per_row - 1) / loop.cells_per_row);
      places.push_back({static_cast<uint32_t>(words_.size()), first_cell, rows});
      if (!loop.stores) first_cell += rows * loop.cells_per_row;
      for (uint32_t row = 0; row < rows; ++row) {
        for (uint32_t i = 0; i < loop.cells_per_row; ++i) {
          // A row that is not full repeats its last cell, without a weight.
          const size_t number = std::min<size_t>(size_t{row} * loop.cells_per_row + i, cells.size() - 1);
          const Cell& cell = cells[number];
          if (loop.stores) {
            words_.push_back(first_stored_row + loop.first_stored + static_cast<uint32_t>(number));
          }
          for (uint32_t p = 0; p < loop.group->parameters; ++p) {
            const uint32_t parameter = cell.parameters[p];
            words_.push_back(kinds[p] == CellOp::Kind::kLeaf     ? leaf_rows[parameter]
                             : kinds[p] == CellOp::Kind::kStored ? first_stored_row + parameter
                                                                 : uniforms[parameter].word());
          }
        }
        words_.resize(places.back().first_row_word + (row + 1) * loop.row_words(), 0);
      }
    }
  }
}

void CellTables::append_range(const LoopPlace& place, uint32_t begin, uint32_t end) {
  words_.insert(words_.end(), {begin, end, place.first_row_word, place.first_cell});
}

bool CellTables::uses(const Loop& loop, uint32_t row, const CellWeights& sum) const {
  const std::vector<Cell>& cells = loop.group->cells;
  const size_t end = std::min<size_t>((size_t{row} + 1) * loop.cells_per_row, cells.size());
  for (size_t i = size_t{row} * loop.cells_per_row; i < end; ++i) {
    if (sum.used[cells[i].root]) return true;
  }
  return false;
}

std::vector<CellPart> CellTables::add_parts(std::span<const CellWeights> sums, uint64_t cost_of_part) {
  std::vector<CellPart> parts;
  struct Range {
    uint32_t begin = 0, end = 0;
  };
  for (uint32_t k = 0; k < text_.kernels.size(); ++k) {
    const EmittedKernel& kernel = text_.kernels[k];
    if (kernel.form != form_ || kernel.stores) continue;
    for (uint32_t s = 0; s < sums.size(); ++s) {
      std::vector<Range> ranges(kernel.loops.size());
      uint64_t cost = 0;
      const auto close = [&] {
        if (cost == 0) return;
        parts.push_back({k, s, static_cast<uint32_t>(words_.size())});
        for (size_t i = 0; i < ranges.size(); ++i)
          append_range(places_[k][i], ranges[i].begin, ranges[i].end);
        ranges.assign(kernel.loops.size(), {});
        cost = 0;
      };
      for (size_t i = 0; i < kernel.loops.size(); ++i) {
        for (uint32_t row = 0; row < places_[k][i].rows; ++row) {
          if (!uses(kernel.loops[i], row, sums[s])) continue;
          // A part has one range of each loop.
          const bool gap = ranges[i].end != row && ranges[i].end != ranges[i].begin;
          if (gap || cost + row_cost(kernel.loops[i]) > cost_of_part) close();
          if (ranges[i].begin == ranges[i].end) ranges[i] = {row, row};
          ++ranges[i].end;
          cost += row_cost(kernel.loops[i]);
        }
      }
      close();
    }
  }
  return parts;
}

std::vector<CellPart> CellTables::add_store_parts() {
  std::vector<CellPart> parts;
  for (uint32_t k = 0; k < text_.kernels.size(); ++k) {
    if (text_.kernels[k].form != form_ || !text_.kernels[k].stores) continue;
    parts.push_back({k, 0, static_cast<uint32_t>(words_.size())});
    for (const LoopPlace& place : places_[k]) append_range(place, 0, place.rows);
  }
  return parts;
}

void CellTables::mark_rows(std::span<const CellWeights> sums, std::vector<bool>& rows) const {
  const auto mark = [&](const CellGroup& group, const Cell& cell) {
    for (const CellOp& op : group.shape) {
      if (op.kind == CellOp::Kind::kLeaf) rows[leaf_rows_[cell.parameters[op.a]]] = true;
    }
  };
  for (const std::vector<CellGroup>& level : plan_.stored_levels()) {
    for (const CellGroup& group : level) {
      for (const Cell& cell : group.cells) mark(group, cell);
    }
  }
  for (const CellGroup& group : plan_.groups()) {
    for (size_t i = 0; i < group.cells.size(); ++i) {
      // A row's other cells are evaluated too.
      for (size_t near = i < 4 ? 0 : i - 4; near < std::min(i + 4, group.cells.size()); ++near) {
        const uint32_t root = group.cells[near].root;
        if (std::any_of(sums.begin(), sums.end(), [&](const CellWeights& sum) { return sum.used[root]; })) {
          mark(group, group.cells[i]);
          break;
        }
      }
    }
  }
}

uint64_t CellTables::cost(const CellWeights& sum) const {
  uint64_t total = 0;
  for (const CellGroup& group : plan_.groups()) {
    for (const Cell& cell : group.cells) total += sum.used[cell.root] ? group.cost() + kWeighingCost : 0;
  }
  return total;
}

std::vector<Ext> CellTables::weights(const CellWeights& sum) const {
  std::vector<Ext> elements;
  for (const EmittedKernel& kernel : text_.kernels) {
    if (kernel.form != form_ || kernel.stores) continue;
    for (const Loop& loop : kernel.loops) {
      const std::vector<Cell>& cells = loop.group->cells;
      const size_t rows = (cells.size() + loop.cells_per_row - 1) / loop.cells_per_row;
      for (size_t i = 0; i < rows * loop.cells_per_row; ++i) {
        const bool used = i < cells.size() && sum.used[cells[i].root];
        const Ext weight = used ? sum.weights[cells[i].root] : Ext::zero();
        elements.push_back(weight);
        if (form_ == Form::kPoints) continue;
        const Fp eleven = Fp::from_u32(11);
        elements.emplace_back(weight.c[1] * eleven, weight.c[2] * eleven, weight.c[3] * eleven, Fp::zero());
      }
    }
  }
  return elements;
}

}  // namespace openswirl::gpu::codegen
