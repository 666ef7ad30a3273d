// The constraint DAG of one AIR, as it is serialised and hashed (protocol part 02, 3).
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "field/fp.h"

namespace openswirl {

struct Variable {
  // Serialised variant numbers.
  enum class Entry : uint8_t { kPreprocessed = 0, kMain = 1, kPublic = 2, kChallenge = 3 };
  Entry entry = Entry::kMain;
  uint32_t part_index = 0;  // kMain: cached mains first, common main last
  uint32_t offset = 0;      // kMain, kPreprocessed: 0 this row, 1 the next (cyclic)
  uint32_t index = 0;       // column, or public value
  bool operator==(const Variable&) const = default;
};

// Small, because an encoded node can be: what a kind needs not shares its place with what another does.
struct Node {
  // Serialised variant numbers.
  enum class Kind : uint8_t {
    kVariable = 0,
    kIsFirstRow = 1,
    kIsLastRow = 2,
    kIsTransition = 3,
    kConstant = 4,
    kAdd = 5,
    kSub = 6,
    kNeg = 7,
    kMul = 8,
  };
  Kind kind = Kind::kConstant;
  Variable::Entry entry = Variable::Entry::kMain;  // kVariable
  uint16_t offset = 0;                             // kVariable
  uint32_t left = 0;    // kAdd, kSub, kMul; the operand of kNeg; a variable's index; a constant's word
  uint32_t right = 0;   // kAdd, kSub, kMul; a variable's part
  uint32_t degree = 0;  // degree multiple of the unsimplified tree; kAdd, kSub, kNeg, kMul
  bool operator==(const Node&) const = default;

  static Node of(const Variable& variable) {
    Node node;
    node.kind = Kind::kVariable;
    node.entry = variable.entry;
    // Offsets above 1 are invalid and stay so.
    node.offset = static_cast<uint16_t>(std::min<uint32_t>(variable.offset, UINT16_MAX));
    node.left = variable.index;
    node.right = variable.part_index;
    return node;
  }
  static Node of(Fp constant) {
    Node node;
    node.left = constant.word();
    return node;
  }
  Variable variable() const { return {entry, right, offset, left}; }
  Fp constant() const { return Fp::from_word(left); }

  bool is_binary() const { return kind == Kind::kAdd || kind == Kind::kSub || kind == Kind::kMul; }
};

static_assert(sizeof(Node) == 16);

struct Interaction {
  std::vector<uint32_t> message;  // node indices, at least one
  uint32_t count = 0;             // node index
  uint16_t bus_index = 0;         // the protocol uses bus_index + 1
  uint32_t count_weight = 0;
  bool operator==(const Interaction&) const = default;
};

struct ConstraintDag {
  std::vector<Node> nodes;               // operands before their users
  std::vector<uint32_t> constraint_idx;  // ascending, without repeats; position k has weight lambda^k
  std::vector<Interaction> interactions;
  bool operator==(const ConstraintDag&) const = default;
};

}  // namespace openswirl
