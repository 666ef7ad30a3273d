// The stacked opening reduction on host memory (protocol part 05; the methods are those of StackedSum in the
// backend interface). Columns of one height share their kernels, so only two lambda-combined columns per
// height go through the rounds over their own variables; each column's value enters the remaining rounds as a
// single node (9.3).
#pragma once

#include <array>
#include <span>
#include <vector>

#include "field/ext.h"
#include "stages/inputs.h"

namespace openswirl::stages {

class StackedSumStage {
 public:
  // r: 1 + n_max coordinates. The inputs outlive the stage.
  StackedSumStage(const StageInputs& inputs, std::span<const Ext> r, const Ext& lambda);

  // The 2 (2^l_skip - 1) + 1 coefficients of s_0.
  std::vector<Ext> first_round();
  // Binds u_{j-1}; s_j(1), s_j(2).
  std::array<Ext, 2> next(const Ext& challenge);
  // Binds the last challenge; openings per commitment and stacked column.
  std::vector<std::vector<Ext>> finish(const Ext& challenge);

 private:
  struct Column {
    const uint32_t* values = nullptr;
    uint32_t commitment = 0, stacked_column = 0;
    uint64_t start_row = 0;
    Ext plain_weight, rotated_weight;  // lambda^(2i) and lambda^(2i+1), the latter zero without rotation
  };
  // All columns of one log height.
  struct HeightClass {
    uint32_t log_height = 0;
    int32_t n = 0;
    std::vector<Column> columns;
    Buffer<Fp> gathered;  // columns shorter than 2^l_skip, without their stride
    bool rotated = false;
    Buffer<Ext> plain_cells, rotated_cells;  // per row: sum of weight * column
    std::vector<Ext> plain, rotation;        // the two combined columns at u_0, u_1, ...
    std::vector<Ext> eq, rotation_kernel;    // E and K, bound in the same way
    uint32_t lifted_n() const { return n > 0 ? static_cast<uint32_t>(n) : 0; }
  };
  // One entry of the sparse tables of a stacked column: its value and the weight it will be opened with.
  struct StackedNode {
    uint64_t index;
    Ext value, weight;
  };

  void combine(HeightClass& height_class);
  void bind_z(const Ext& challenge);
  void bind(const Ext& challenge);
  // Columns whose own variables are all bound become nodes.
  void add_nodes();
  std::vector<Ext> column_values(const HeightClass& height_class) const;

  const StageInputs& inputs_;
  const uint32_t l_skip_;
  const std::vector<Ext> r_;
  std::vector<HeightClass> classes_;                          // tallest first
  std::vector<std::vector<std::vector<StackedNode>>> nodes_;  // commitment, stacked column; ascending
  std::vector<Ext> u_;
};

}  // namespace openswirl::stages
