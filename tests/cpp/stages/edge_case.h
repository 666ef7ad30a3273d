// A proof of AIRs at the edges of what there can be.
#pragma once

#include "airs.h"

namespace stages_test {

// AIRs at the edges: degree 0 with interactions, no interactions, no constraints, nothing at all, no common
// main.
struct EdgeCase : Instance {
  std::vector<std::vector<Matrix>> parts;

  explicit EdgeCase(uint64_t l_skip) {
    vk = make_key(l_skip, 5, 3);
    vk.airs.resize(5);
    using Kind = Node::Kind;
    {  // Counts and messages are constant: x_T does not occur.
      AirVk& air = vk.airs[0];
      air.width.common_main = 2;
      air.num_public_values = 1;
      Dag dag{air};
      const uint32_t value = dag.public_value(0), two = dag.constant(2);
      dag.interaction({value, two}, dag.op(Kind::kMul, two, value), 3);
      dag.interaction({two}, dag.op(Kind::kNeg, two), 4);
    }
    {  // Counts up from 5 along the rows; degree 2 below the key's 3.
      AirVk& air = vk.airs[1];
      air.width.common_main = 1;
      air.max_constraint_degree = 2;
      Dag dag{air};
      const uint32_t x = dag.column(0, 0), next = dag.column(0, 0, 1);
      const uint32_t step = dag.op(Kind::kSub, dag.op(Kind::kSub, next, x), dag.constant(1));
      const uint32_t start =
          dag.op(Kind::kMul, dag.leaf(Kind::kIsFirstRow), dag.op(Kind::kSub, x, dag.constant(5)));
      air.constraints.constraint_idx = {start};
      air.constraints.constraint_idx.insert(air.constraints.constraint_idx.begin() + 1,
                                            dag.op(Kind::kMul, dag.leaf(Kind::kIsTransition), step));
    }
    {  // Only interactions, on rows of a cached part; the common main has no columns.
      AirVk& air = vk.airs[2];
      air.width.cached_mains = {2};
      air.max_constraint_degree = 3;
      Dag dag{air};
      const uint32_t a = dag.column(0, 0), b = dag.column(0, 1);
      const uint32_t cube = dag.op(Kind::kMul, dag.op(Kind::kMul, a, a), b);
      dag.interaction({a, cube, b, a}, dag.op(Kind::kAdd, b, dag.leaf(Kind::kIsLastRow)), 0);
      dag.interaction({cube}, a, 65535);
    }
    vk.airs[3].width.common_main = 3;  // neither
    {                                  // One row, its own successor.
      AirVk& air = vk.airs[4];
      air.width.common_main = 1;
      air.max_constraint_degree = 3;
      Dag dag{air};
      const uint32_t x = dag.column(0, 0), next = dag.column(0, 0, 1);
      const uint32_t square = dag.op(Kind::kMul, x, next);
      air.constraints.constraint_idx = {dag.op(Kind::kSub, dag.op(Kind::kMul, square, x), dag.constant(27))};
      dag.interaction({square}, next, 9);
    }
    const std::vector<std::optional<uint32_t>> heights = {2, 4, 3, 1, 0};
    inputs.shape = make_proof_shape(vk, heights);
    parts = {{matrix(16, {5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})},
             {Matrix{8, 0, {}}, matrix(8, {1, 2, 3, 4, 5, 6, 7, 8, 9, 8, 7, 6, 5, 4, 3, -2})},
             {matrix(4, {1, 2, 3, 4, 5, 6, 7, 8})},
             {matrix(2, {1, 2, 3, 4, 5, 6})},
             {matrix(1, {3})}};
    stack(parts);
    inputs.traces[2].public_values = {Fp::from_u32(77)};
  }
};

}  // namespace stages_test
