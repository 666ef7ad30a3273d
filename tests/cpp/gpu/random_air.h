// AIRs with random constraint DAGs.
#pragma once

#include <random>

#include "airs.h"

namespace gpu_test {

using namespace openswirl;

struct RandomAir {
  uint32_t columns = 6, operations = 60, outputs = 12;
  uint32_t max_degree = 3;
  bool selectors = true;

  // Operands are mostly late nodes if `deep`, so that everything uses everything before it.
  AirVk make(uint64_t seed, bool deep) const {
    std::mt19937_64 random(seed);
    const auto below = [&](size_t n) { return static_cast<uint32_t>(random() % n); };
    AirVk air;
    air.width.common_main = columns;
    air.num_public_values = 2;
    air.max_constraint_degree = static_cast<uint8_t>(max_degree);
    stages_test::Dag dag{air};
    std::vector<uint32_t> nodes, degrees;
    const auto add = [&](uint32_t node, uint32_t degree) {
      nodes.push_back(node);
      degrees.push_back(degree);
    };
    for (uint32_t c = 0; c < columns; ++c) {
      add(dag.column(0, c), 1);
      if (below(2) == 0) add(dag.column(0, c, 1), 1);
    }
    for (uint32_t i = 0; i < 2; ++i) add(dag.public_value(i), 0);
    for (const int64_t value : {0, 1, 2, -1, 77}) add(dag.constant(value), 0);
    if (selectors) {
      for (const auto kind : {Node::Kind::kIsFirstRow, Node::Kind::kIsLastRow, Node::Kind::kIsTransition}) {
        add(dag.leaf(kind), 1);
      }
    }
    const auto pick = [&] {
      const size_t recent = std::min<size_t>(nodes.size(), 8);
      return deep && below(3) != 0 ? static_cast<uint32_t>(nodes.size() - 1 - below(recent))
                                   : below(nodes.size());
    };
    for (uint32_t i = 0; i < operations; ++i) {
      const uint32_t a = pick(), b = pick();
      switch (below(8)) {
        case 0:
        case 1:
        case 2:
          if (degrees[a] + degrees[b] <= max_degree) {
            add(dag.op(Node::Kind::kMul, nodes[a], nodes[b]), degrees[a] + degrees[b]);
            break;
          }
          [[fallthrough]];
        case 3:
        case 4:
          add(dag.op(Node::Kind::kAdd, nodes[a], nodes[b]), std::max(degrees[a], degrees[b]));
          break;
        case 5:
        case 6:
          add(dag.op(Node::Kind::kSub, nodes[a], nodes[b]), std::max(degrees[a], degrees[b]));
          break;
        default:
          add(dag.op(Node::Kind::kNeg, nodes[a]), degrees[a]);
      }
    }
    std::vector<bool> constrained(air.constraints.nodes.size());
    for (uint32_t i = 0; i < outputs; ++i) constrained[nodes[pick()]] = true;
    for (uint32_t n = 0; n < constrained.size(); ++n) {
      if (constrained[n]) air.constraints.constraint_idx.push_back(n);
    }
    for (uint16_t bus = 0; bus < 3; ++bus)
      dag.interaction({nodes[pick()], nodes[pick()]}, nodes[pick()], bus);
    return air;
  }
};

}  // namespace gpu_test
