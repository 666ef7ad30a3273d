// What the kernels of one form of a text read for one trace: the operands of all cells, the ranges of rows
// that groups evaluate side by side, and the weights.
#pragma once

#include "gpu/codegen/emit.h"
#include "gpu/codegen/weights.h"

namespace openswirl::gpu::codegen {

// A part of the cells of one sum, for one piece of a dispatch.
struct CellPart {
  uint32_t kernel = 0;  // of the text
  uint32_t sum = 0;
  uint32_t ranges = 0;  // word of the table at which its ranges begin
};

// For sums of given nodes, and values of the uniforms. All but weigh() is the same for every message.
class CellTables {
 public:
  // leaf_rows: of every leaf, its row in the table of addresses, of which `num_rows` are the AIR's; stored
  // values have those behind them. sums: the nodes of each. Plan and text outlive the object.
  CellTables(const CellPlan& plan, const EmittedText& text, Form form, std::span<const uint32_t> leaf_rows,
             uint32_t num_rows, std::span<const Fp> uniforms, std::span<const std::vector<uint32_t>> sums);

  // Lane cycles for one point (a tenth of them for a line) of what the sums use.
  uint64_t cost() const { return cost_; }
  // The kernels' parts, of about this cost each, or less; but no part is so small that adding up its values
  // takes longer than they do.
  std::span<const CellPart> parts(uint64_t cost_of_part) const;
  // The same for the kernels that store values: everything, in one part for each kernel.
  std::span<const CellPart> stores() const { return stores_; }
  // The rows of leaves that the sums, and what is stored, read; by row of the AIR.
  const std::vector<bool>& rows() const { return rows_; }
  // The table, 16-byte aligned parts in it counted from its start.
  std::span<const uint32_t> words() const { return words_; }

  // Weights of cells at which those of each sum begin; behind them, their number. Each is weight_elements()
  // elements as the kernels read it: itself, for lines followed by companion() of it.
  std::span<const uint32_t> first_weights() const { return first_weights_; }
  uint32_t weight_elements() const { return form_ == Form::kPoints ? 1 : 2; }
  static Ext companion(const Ext& weight) {
    const Fp eleven = Fp::from_u32(11);
    return {weight.c[1] * eleven, weight.c[2] * eleven, weight.c[3] * eleven, Fp::zero()};
  }
  // The nodes of a sum in shares, which are weighed side by side.
  size_t num_shares(size_t sum) const { return sums_[sum].size(); }
  // Elements that weighing works in.
  size_t scratch_elements() const { return scratch_elements_; }
  // Weighs the nodes of one share, in its own part of the scratch; returns what it has of uniforms. nodes: of
  // the whole sum.
  Ext weigh(size_t sum, size_t share, std::span<const CellWeighing::NodeWeights> nodes,
            std::span<Ext> scratch) const;
  // Once all shares of the sum are weighed: the weights of its cells.
  void collect(size_t sum, std::span<const Ext> scratch, std::span<Ext> weights) const;

 private:
  struct Share {
    size_t first_node = 0, num_nodes = 0;
    uint32_t first_place = 0;  // in the scratch
    CellWeighing weighing;
  };
  struct LoopPlace {
    uint32_t first_row_word = 0, first_cell = 0, rows = 0;
  };
  struct Level {
    uint64_t cost_of_part;
    std::vector<CellPart> parts;
  };
  void add_shares(std::span<const uint32_t> nodes, std::span<const Fp> uniforms);
  void add_words(std::span<const uint32_t> leaf_rows, uint32_t num_rows, std::span<const Fp> uniforms);
  void mark_rows(std::span<const uint32_t> leaf_rows);
  void place_weights();
  void append_range(const LoopPlace& place, uint32_t begin, uint32_t end);
  bool uses(uint32_t root, uint32_t sum) const;
  bool uses(const Loop& loop, uint32_t row, uint32_t sum) const;
  std::vector<CellPart> split(uint64_t cost_of_part);

  const CellPlan& plan_;
  const EmittedText& text_;
  Form form_;
  std::vector<std::vector<Share>> sums_;
  size_t scratch_elements_ = 0;
  uint64_t cost_ = 0;
  std::vector<std::vector<LoopPlace>> places_;  // by kernel and loop
  std::vector<uint32_t> words_;
  std::vector<bool> rows_;
  std::vector<CellPart> stores_;
  std::vector<Level> levels_;            // finest first
  std::vector<uint32_t> first_weights_;  // by sum
  // Of the weights of all sums: those of shares that each is the sum of, from first_places_ on.
  std::vector<uint32_t> weight_places_, first_places_;
};

// Lane cycles of weighing one cell's value.
inline constexpr uint64_t kWeighingCost = 60;

}  // namespace openswirl::gpu::codegen
