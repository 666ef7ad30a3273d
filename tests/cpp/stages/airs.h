// Small AIRs and proof shapes made by hand.
#pragma once

#include <initializer_list>

#include "vector_case.h"

namespace stages_test {

// Writes the nodes of a DAG one by one; every method returns the index of its node.
struct Dag {
  AirVk& air;

  uint32_t add(Node node) {
    air.constraints.nodes.push_back(node);
    return static_cast<uint32_t>(air.constraints.nodes.size() - 1);
  }
  uint32_t column(uint32_t part, uint32_t index, uint32_t offset = 0) {
    Node node = Node::of(Variable{Variable::Entry::kMain, part, offset, index});
    air.need_rot |= offset == 1;
    return add(node);
  }
  uint32_t public_value(uint32_t index) {
    Node node = Node::of(Variable{Variable::Entry::kPublic, 0, 0, index});
    return add(node);
  }
  uint32_t constant(int64_t value) {
    Node node = Node::of(Fp::from_i64(value));
    return add(node);
  }
  uint32_t leaf(Node::Kind kind) {
    Node node;
    node.kind = kind;
    return add(node);
  }
  uint32_t op(Node::Kind kind, uint32_t left, uint32_t right = 0) {
    Node node;
    node.kind = kind, node.left = left, node.right = right;
    return add(node);
  }
  void interaction(std::initializer_list<uint32_t> message, uint32_t count, uint16_t bus) {
    air.constraints.interactions.push_back({message, count, bus, 1});
  }
};

inline VerifyingKey make_key(uint64_t l_skip, uint64_t n_stack, uint64_t degree) {
  VerifyingKey vk;
  vk.params.l_skip = l_skip, vk.params.n_stack = n_stack, vk.params.max_constraint_degree = degree;
  return vk;
}

// Columns given one after another.
inline Matrix matrix(uint64_t rows, std::initializer_list<int64_t> values) {
  Matrix result{rows, values.size() / rows, {}};
  for (const int64_t value : values) result.values.push_back(Fp::from_i64(value));
  return result;
}

inline Ext base(int64_t value) { return Fp::from_i64(value); }
inline std::vector<Ext> bases(std::initializer_list<int64_t> values) {
  std::vector<Ext> result;
  for (const int64_t value : values) result.push_back(base(value));
  return result;
}

// Two AIRs with one column each: the first sends x and receives the next x on bus 1, the second is boolean.
struct MiniProof : Instance {
  MiniProof() {
    vk = make_key(2, 2, 2);
    vk.airs.resize(2);
    AirVk& sender = vk.airs[0];
    sender.width.common_main = 1;
    sender.max_constraint_degree = 1;
    Dag first{sender};
    const uint32_t x = first.column(0, 0), next = first.column(0, 0, 1);
    first.interaction({x}, first.constant(1), 1);
    first.interaction({next}, first.constant(-1), 1);
    AirVk& boolean = vk.airs[1];
    boolean.width.common_main = 1;
    boolean.max_constraint_degree = 2;
    Dag second{boolean};
    const uint32_t bit = second.column(0, 0), one = second.constant(1);
    second.air.constraints.constraint_idx = {
        second.op(Node::Kind::kMul, bit, second.op(Node::Kind::kSub, bit, one))};
    const std::vector<std::optional<uint32_t>> heights = {1, 3};
    inputs.shape = make_proof_shape(vk, heights);
    stack({{matrix(8, {1, 0, 0, 1, 1, 1, 0, 1})}, {matrix(2, {8, 6})}});
  }
};

}  // namespace stages_test
