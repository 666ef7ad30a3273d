// The constraint DAG of one AIR, as it is serialised and hashed (protocol part 02, 3).
#pragma once

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
  Variable variable;         // kVariable
  Fp constant = Fp::zero();  // kConstant
  uint32_t left = 0;         // kAdd, kSub, kMul; the operand of kNeg
  uint32_t right = 0;        // kAdd, kSub, kMul
  uint32_t degree = 0;       // degree multiple of the unsimplified tree; kAdd, kSub, kNeg, kMul
  bool operator==(const Node&) const = default;

  bool is_binary() const { return kind == Kind::kAdd || kind == Kind::kSub || kind == Kind::kMul; }
};

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
