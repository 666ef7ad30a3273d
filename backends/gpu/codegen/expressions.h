// The constraint DAG of an AIR as the code generator sees it: equal subexpressions once, selectors and
// columns as leaves, and everything that is the same at all points in one kind of node.
#pragma once

#include <vector>

#include "protocol/keys.h"
#include "stages/constraint_program.h"

namespace openswirl::gpu::codegen {

struct Expression {
  enum class Kind : uint8_t { kLeaf, kUniform, kAdd, kSub, kNeg, kDouble, kMul };
  Kind kind = Kind::kUniform;
  uint32_t a = 0, b = 0;  // operands, which come earlier; or the number of the leaf or uniform

  bool is_operation() const { return kind >= Kind::kAdd; }
  bool is_binary() const { return kind == Kind::kAdd || kind == Kind::kSub || kind == Kind::kMul; }
};

// A value made of constants and public values: node `node` of the DAG.
struct Uniform {
  uint32_t node = 0;
  std::optional<Fp> constant;  // if no public value is in it
};

struct Expressions {
  // Of what the roots need.
  Expressions(const AirVk& air, std::span<const uint32_t> roots);

  // The values of all uniforms.
  std::vector<Fp> uniform_values(std::span<const Fp> public_values) const;

  static constexpr uint32_t kAbsent = ~uint32_t{0};
  std::vector<Expression> nodes;
  std::vector<stages::LeafSource> leaves;  // never base
  std::vector<Uniform> uniforms;
  std::vector<uint32_t> of_node;  // per node of the DAG; kAbsent where no root needs it

 private:
  const ConstraintDag* dag_;
};

}  // namespace openswirl::gpu::codegen
