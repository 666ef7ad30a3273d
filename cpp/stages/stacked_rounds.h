// The stacked opening reduction (protocol part 05, 9.3) where its size is that of the columns' heights and
// not of their cells: classes of columns, the univariate round from its sums, and the rounds over tables on
// host memory. Columns of one height share their kernels, so only two lambda-combined columns per height go
// through the rounds over their own variables; each column's value enters the remaining rounds as a single
// node.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "field/ext.h"
#include "protocol/shape.h"

namespace openswirl::stages {

struct ReducedColumn {
  uint32_t commitment = 0, stacked_column = 0;
  uint64_t start_row = 0;
  Ext plain_weight, rotated_weight;  // lambda^(2i) and lambda^(2i+1), the latter zero without rotation
};

// All columns of one log height.
struct HeightClass {
  uint32_t log_height = 0;
  int32_t n = 0;  // log_height - l_skip
  bool rotated = false;
  std::vector<ReducedColumn> columns;

  uint32_t lifted_n() const { return n > 0 ? static_cast<uint32_t>(n) : 0; }
  // Cells of a column lie 2^log_stride apart; 2^(log_height - lifted_n) of them share a point of the cube.
  uint32_t log_stride() const { return n < 0 ? static_cast<uint32_t>(-n) : 0; }
  uint32_t log_block() const { return log_height - lifted_n(); }
};

// Tallest first.
std::vector<HeightClass> height_classes(const ProofShape& shape, const Ext& lambda);

// G0, G1, G2 of part 05, 9.2, at the 2^log_block points of D that the cells lie on; without rotation only the
// first.
struct FirstSums {
  std::vector<Ext> plain, rotated, successor;
};
// The coefficients of s_0. sums: one for each class.
std::vector<Ext> first_round_polynomial(uint32_t l_skip, std::span<const Ext> r,
                                        std::span<const HeightClass> classes,
                                        std::span<const FirstSums> sums);

// What the kernels of a class are at u_0: E = eq * eq_x and K = rotation * eq_x + carry * (eq_{x-1} - eq_x).
struct KernelFactors {
  Ext eq, rotation, carry;
};
KernelFactors kernel_factors(uint32_t l_skip, const HeightClass& of_height, std::span<const Ext> r,
                             const Ext& u0);
// The weights at u_0 of the points of D that the cells of a block lie on.
std::vector<Ext> block_weights(uint32_t l_skip, const HeightClass& of_height, const Ext& u0);

class StackedRounds {
 public:
  // What is left of a class: its combined columns, and the kernels that weight them. Without rotation the
  // latter two may be empty.
  struct Tables {
    std::vector<Ext> plain, eq;          // eq: E
    std::vector<Ext> rotated, rotation;  // rotation: K
  };

  StackedRounds(const ProofShape& shape, const Ext& lambda);

  std::span<const HeightClass> classes() const { return classes_; }
  // The class takes part from here on.
  void set_tables(size_t index, const Tables& tables);
  // Binds the lowest variable of everything.
  void bind(const Ext& challenge);
  // What the columns of a class whose own variables are all bound will be opened with; its tables have one
  // entry.
  std::vector<Ext> node_weights(size_t index) const;
  // They become nodes. values: of the columns; weights: theirs. Shorter classes come before taller ones.
  void add_nodes(size_t index, std::span<const Ext> values, std::span<const Ext> weights);
  // Whether it has neither tables nor nodes yet.
  bool empty() const;
  // s_j(1), s_j(2).
  std::array<Ext, 2> sums() const;
  // Per commitment and stacked column, once everything is bound.
  std::vector<std::vector<Ext>> openings() const;

 private:
  // One entry of the sparse tables of a stacked column: its value and the weight it will be opened with.
  struct Node {
    uint64_t index;
    Ext value, weight;
  };

  // Tables of a class as planes, coefficient k of entry y of table i at words[(4 i + k) stride + y]: plain,
  // eq and, with rotation, rotated, rotation.
  struct Planes {
    std::vector<uint32_t> words;
    size_t tables = 0, length = 0, stride = 0;

    // All entries zero.
    void assign(size_t tables, size_t length);
    uint32_t* table(size_t i) { return words.data() + 4 * i * stride; }
    Ext at(size_t i, size_t y) const;
  };
  void add_sums(const Planes& planes, size_t first, std::array<Ext, 2>& sums) const;
  void make_dense();
  static void fold(Planes& planes, const Ext& challenge);

  const uint32_t l_skip_;
  std::vector<HeightClass> classes_;
  std::vector<Planes> tables_;                         // by class
  std::vector<std::vector<std::vector<Node>>> nodes_;  // commitment, stacked column; ascending
  // Once all classes are there and few places are empty: the values and weights of all stacked columns, one
  // after another, instead.
  Planes dense_;
  size_t joined_ = 0;      // classes
  uint32_t variables_;     // that a stacked column has left
  bool is_bound_ = false;  // u_0
};

}  // namespace openswirl::stages
