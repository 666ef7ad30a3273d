#include "gpu/codegen/tables.h"

#include <algorithm>

namespace openswirl::gpu::codegen {
namespace {

// No part costs less: adding up its points takes about as long. Parts of few lines are waited for, row by
// row, and adding up lines is short.
constexpr uint64_t kMinPointsCost = 4000, kMinLinesCost = 1000;

// Fewer nodes are not worth another thread.
constexpr size_t kNodesOfShare = 256, kMaxShares = 8;

uint64_t row_cost(const Loop& loop) { return (loop.group->cost() + kWeighingCost) * loop.cells_per_row; }

}  // namespace

CellTables::CellTables(const CellPlan& plan, const EmittedText& text, Form form,
                       std::span<const uint32_t> leaf_rows, uint32_t num_rows, std::span<const Fp> uniforms,
                       std::span<const std::vector<uint32_t>> sums)
    : plan_(plan), text_(text), form_(form), rows_(num_rows, false) {
  for (const std::vector<uint32_t>& nodes : sums) add_shares(nodes, uniforms);
  add_words(leaf_rows, num_rows, uniforms);
  mark_rows(leaf_rows);
  place_weights();
  for (const CellGroup& group : plan.groups()) {
    for (const Cell& cell : group.cells) {
      for (uint32_t s = 0; s < sums_.size(); ++s) {
        if (uses(cell.root, s)) cost_ += group.cost() + kWeighingCost;
      }
    }
  }
  for (uint32_t k = 0; k < text.kernels.size(); ++k) {
    if (text.kernels[k].form != form || !text.kernels[k].stores) continue;
    stores_.push_back({k, 0, static_cast<uint32_t>(words_.size())});
    for (const LoopPlace& place : places_[k]) append_range(place, 0, place.rows);
  }
  for (uint64_t cost = form == Form::kPoints ? kMinPointsCost : kMinLinesCost;; cost *= 2) {
    levels_.push_back({cost, split(cost)});
    if (cost >= cost_) break;
  }
}

void CellTables::add_shares(std::span<const uint32_t> nodes, std::span<const Fp> uniforms) {
  std::vector<Share>& shares = sums_.emplace_back();
  const size_t count = std::clamp<size_t>(nodes.size() / kNodesOfShare, 1, kMaxShares);
  uint32_t places = 0;
  for (size_t i = 0; i < count; ++i) {
    const size_t begin = nodes.size() * i / count, end = nodes.size() * (i + 1) / count;
    shares.push_back(
        {begin, end - begin, places, CellWeighing(plan_, nodes.subspan(begin, end - begin), uniforms)});
    places += static_cast<uint32_t>(shares.back().weighing.num_places());
  }
  scratch_elements_ = std::max<size_t>(scratch_elements_, places);
}

bool CellTables::uses(uint32_t root, uint32_t sum) const {
  return std::ranges::any_of(
      sums_[sum], [&](const Share& share) { return share.weighing.place(root) != CellWeighing::kAbsent; });
}

void CellTables::add_words(std::span<const uint32_t> leaf_rows, uint32_t num_rows,
                           std::span<const Fp> uniforms) {
  uint32_t first_cell = 0;
  for (const EmittedKernel& kernel : text_.kernels) {
    std::vector<LoopPlace>& places = places_.emplace_back();
    if (kernel.form != form_) continue;
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
            words_.push_back(num_rows + loop.first_stored + static_cast<uint32_t>(number));
          }
          for (uint32_t p = 0; p < loop.group->parameters; ++p) {
            const uint32_t parameter = cell.parameters[p];
            words_.push_back(kinds[p] == CellOp::Kind::kLeaf     ? leaf_rows[parameter]
                             : kinds[p] == CellOp::Kind::kStored ? num_rows + parameter
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

bool CellTables::uses(const Loop& loop, uint32_t row, uint32_t sum) const {
  const std::vector<Cell>& cells = loop.group->cells;
  const size_t end = std::min<size_t>((size_t{row} + 1) * loop.cells_per_row, cells.size());
  for (size_t i = size_t{row} * loop.cells_per_row; i < end; ++i) {
    if (uses(cells[i].root, sum)) return true;
  }
  return false;
}

std::vector<CellPart> CellTables::split(uint64_t cost_of_part) {
  std::vector<CellPart> parts;
  struct Range {
    uint32_t begin = 0, end = 0;
  };
  for (uint32_t k = 0; k < text_.kernels.size(); ++k) {
    const EmittedKernel& kernel = text_.kernels[k];
    if (kernel.form != form_ || kernel.stores) continue;
    for (uint32_t s = 0; s < sums_.size(); ++s) {
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
          if (!uses(kernel.loops[i], row, s)) continue;
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

std::span<const CellPart> CellTables::parts(uint64_t cost_of_part) const {
  const Level* level = &levels_.front();
  for (const Level& coarser : levels_) {
    if (coarser.cost_of_part <= cost_of_part) level = &coarser;
  }
  return level->parts;
}

void CellTables::mark_rows(std::span<const uint32_t> leaf_rows) {
  const auto mark = [&](const CellGroup& group, const Cell& cell) {
    for (const CellOp& op : group.shape) {
      if (op.kind == CellOp::Kind::kLeaf) rows_[leaf_rows[cell.parameters[op.a]]] = true;
    }
  };
  for (const std::vector<CellGroup>& level : plan_.stored_levels()) {
    for (const CellGroup& group : level) {
      for (const Cell& cell : group.cells) mark(group, cell);
    }
  }
  const auto any_uses = [&](const Cell& cell) {
    for (uint32_t s = 0; s < sums_.size(); ++s) {
      if (uses(cell.root, s)) return true;
    }
    return false;
  };
  for (const CellGroup& group : plan_.groups()) {
    for (size_t i = 0; i < group.cells.size(); ++i) {
      // A row's other cells are evaluated too.
      for (size_t near = i < 4 ? 0 : i - 4; near < std::min(i + 4, group.cells.size()); ++near) {
        if (!any_uses(group.cells[near])) continue;
        mark(group, group.cells[i]);
        break;
      }
    }
  }
}

void CellTables::place_weights() {
  const auto number = [&] { return static_cast<uint32_t>(first_places_.size()); };
  const auto add = [&](const std::vector<Share>& shares, uint32_t root) {
    for (const Share& share : shares) {
      const uint32_t place = share.weighing.place(root);
      if (place != CellWeighing::kAbsent) weight_places_.push_back(share.first_place + place);
    }
  };
  for (const std::vector<Share>& shares : sums_) {
    first_weights_.push_back(number());
    for (const EmittedKernel& kernel : text_.kernels) {
      if (kernel.form != form_ || kernel.stores) continue;
      for (const Loop& loop : kernel.loops) {
        const std::vector<Cell>& cells = loop.group->cells;
        const size_t rows = (cells.size() + loop.cells_per_row - 1) / loop.cells_per_row;
        for (size_t i = 0; i < rows * loop.cells_per_row; ++i) {
          first_places_.push_back(static_cast<uint32_t>(weight_places_.size()));
          if (i < cells.size()) add(shares, cells[i].root);
        }
      }
    }
  }
  first_weights_.push_back(number());
  first_places_.push_back(static_cast<uint32_t>(weight_places_.size()));
}

Ext CellTables::weigh(size_t sum, size_t share, std::span<const CellWeighing::NodeWeights> nodes,
                      std::span<Ext> scratch) const {
  const Share& of = sums_[sum][share];
  std::vector<CellWeighing::NodeWeights> own;
  for (const CellWeighing::NodeWeights& some : nodes) {
    const size_t begin = std::max(some.first_node, of.first_node),
                 end = std::min(some.first_node + some.weights.size(), of.first_node + of.num_nodes);
    if (begin >= end) continue;
    own.push_back({begin - of.first_node, some.weights.subspan(begin - some.first_node, end - begin)});
  }
  return of.weighing.weigh(own, scratch.subspan(of.first_place));
}

void CellTables::collect(size_t sum, std::span<const Ext> scratch, std::span<Ext> weights) const {
  const uint32_t* first = first_places_.data() + first_weights_[sum];
  for (size_t i = 0; i < weights.size(); ++i) {
    Ext weight = Ext::zero();
    for (uint32_t place = first[i]; place < first[i + 1]; ++place) weight += scratch[weight_places_[place]];
    weights[i] = weight;
  }
}

}  // namespace openswirl::gpu::codegen
