// Splits what is to be summed into cells: small expressions that a kernel evaluates one by one, grouped by
// shape, so that one loop over a table of operands serves all cells of a shape.
//
// A weighted sum of nodes is linear: where a node is a sum itself, its operands are weighed instead, so that
// a recomposition of limbs becomes as many equal cells as it has bits, and the weight of a column that occurs
// in many constraints is one number. A sum stays in one cell where its sides share a leaf and the cell
// remains small, as in x + y - 2 x y.
//
// A subexpression of several cells is evaluated in each of them, unless that costs more than to store it once
// for every point and load it in each; and a cell that would be too large is cut by storing a part of it.
#pragma once

#include "gpu/codegen/expressions.h"

namespace openswirl::gpu::codegen {

// Costs in lane cycles of a GPU with a 32-bit multiplier of a quarter of its rate, over the base field; the
// extension's are about ten times those, all alike. A load of a leaf is taken as cached.
struct Costs {
  static constexpr uint64_t kMul = 20, kAdd = 3, kLoad = 20, kStore = 80, kLoadStored = 40;
};
// Sizes in instructions of the extension's form, the larger one.
struct Sizes {
  static constexpr uint32_t kMul = 80, kAdd = 12, kLoad = 30;
  static constexpr uint32_t kMaxKept = 600;   // a sum whose sides share leaves
  static constexpr uint32_t kMaxCell = 1500;  // a cell
};

// One operation of a cell. Operands are earlier operations, or the number of a parameter.
struct CellOp {
  enum class Kind : uint8_t {
    kLeaf,
    kStored,
    kUniform,   // a parameter too
    kConstant,  // a: its word
    kAdd,
    kSub,
    kNeg,
    kDouble,
    kMul,
  };
  Kind kind = Kind::kConstant;
  uint32_t a = 0, b = 0;

  bool is_parameter() const { return kind <= Kind::kUniform; }
  bool is_binary() const { return kind == Kind::kAdd || kind == Kind::kSub || kind == Kind::kMul; }
  bool operator==(const CellOp&) const = default;
};

struct Cell {
  uint32_t root = 0;                 // expression
  std::vector<uint32_t> parameters;  // leaves, stored values and uniforms, by number
};

// Cells of one shape; the last operation is the value.
struct CellGroup {
  std::vector<CellOp> shape;
  uint32_t parameters = 0;
  std::vector<Cell> cells;

  uint32_t instructions() const;  // of one cell, by Sizes
  uint64_t cost() const;          // of one cell, by Costs, without the weighing
};

class CellPlan {
 public:
  // For any weighted sums of these nodes.
  CellPlan(const AirVk& air, std::span<const uint32_t> nodes);

  const Expressions& expressions() const { return expressions_; }
  const std::vector<CellGroup>& groups() const { return groups_; }
  // Values to store first, by level: each uses stored values of earlier levels only. Cells are numbered
  // through, in this order; the number is where the value is stored.
  const std::vector<std::vector<CellGroup>>& stored_levels() const { return levels_; }
  uint32_t num_stored() const { return num_stored_; }

  // Whether a weight of the expression goes on to its operands.
  bool is_split(uint32_t expression) const { return split_[expression]; }

 private:
  friend class CellAnalysis;
  Expressions expressions_;
  std::vector<bool> split_;
  std::vector<CellGroup> groups_;
  std::vector<std::vector<CellGroup>> levels_;
  uint32_t num_stored_ = 0;
};

}  // namespace openswirl::gpu::codegen
