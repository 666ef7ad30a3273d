// The stacked opening reduction on host memory (protocol part 05; the methods are those of StackedSum in the
// backend interface): two passes over the cells, and rounds whose size is that of the columns' heights.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "stages/inputs.h"
#include "stages/stacked_rounds.h"

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
  // The cells of a class.
  struct Cells {
    std::vector<const uint32_t*> columns;
    Buffer<Fp> gathered;                           // columns shorter than 2^l_skip, without their stride
    Buffer<Ext> plain_combined, rotated_combined;  // per row: sum of weight * column
  };

  void combine(const HeightClass& of_height, Cells& cells) const;
  FirstSums first_sums(const HeightClass& of_height, const Cells& cells) const;
  // The tables of a class at u_0.
  StackedRounds::Tables tables(const HeightClass& of_height, const Cells& cells) const;
  void bind(const Ext& challenge);
  std::vector<Ext> column_values(const HeightClass& of_height, const Cells& cells) const;

  const StageInputs& inputs_;
  const uint32_t l_skip_;
  const std::vector<Ext> r_;
  StackedRounds rounds_;
  std::vector<Cells> cells_;  // by class
  std::vector<Ext> u_;
};

}  // namespace openswirl::stages
