// What the kernels of one form of a text read for one trace: the operands of all cells, their weights, and
// the ranges of rows that groups evaluate side by side.
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

class CellTables {
 public:
  // leaf_rows: of every leaf, its row in the table of addresses. Stored values have the rows behind
  // first_stored_row. Plan and text outlive the object.
  CellTables(const CellPlan& plan, const EmittedText& text, Form form, std::span<const uint32_t> leaf_rows,
             uint32_t first_stored_row, std::span<const Fp> uniforms);

  // The parts of the kernels, of about this cost each, for sums with these weights: what the sums
  // use counts, not the weights themselves. Appends their ranges to the words.
  std::vector<CellPart> add_parts(std::span<const CellWeights> sums, uint64_t cost_of_part);
  // The same for the kernels that store values: everything, in one part for each kernel.
  std::vector<CellPart> add_store_parts();
  // Lane cycles for one point (a tenth of them for a line) of what the sum uses.
  uint64_t cost(const CellWeights& sum) const;

  // Sets the rows of leaves that the sums, and what is stored, read.
  void mark_rows(std::span<const CellWeights> sums, std::vector<bool>& rows) const;

  // The table, 16-byte aligned parts in it counted from its start.
  std::span<const uint32_t> words() const { return words_; }
  // Weights of one sum as the kernels read them.
  std::vector<Ext> weights(const CellWeights& sum) const;

 private:
  struct LoopPlace {
    uint32_t first_row_word = 0, first_cell = 0, rows = 0;
  };
  void append_range(const LoopPlace& place, uint32_t begin, uint32_t end);
  bool uses(const Loop& loop, uint32_t row, const CellWeights& sum) const;

  const CellPlan& plan_;
  const EmittedText& text_;
  Form form_;
  std::vector<uint32_t> leaf_rows_;
  std::vector<std::vector<LoopPlace>> places_;  // by kernel and loop
  std::vector<uint32_t> words_;
};

// Lane cycles of weighing one cell's value.
inline constexpr uint64_t kWeighingCost = 60;

}  // namespace openswirl::gpu::codegen
