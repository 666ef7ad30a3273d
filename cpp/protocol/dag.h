// The constraint DAG of one AIR, as it is serialised and hashed (protocol part 02, 3).
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <span>
#include <vector>

#include "field/fp.h"
#include "openswirl/failure.h"

namespace openswirl {

// Keys hold long lists of what follows, each element of a few bytes when encoded. So that memory stays in
// proportion, everything is packed: at most 4 bytes for each byte of the shortest encoding.

struct Variable {
  // Serialised variant numbers.
  enum class Entry : uint8_t { kPreprocessed = 0, kMain = 1, kPublic = 2, kChallenge = 3 };
  Entry entry = Entry::kMain;
  uint16_t offset = 0;      // kMain, kPreprocessed: 0 this row, 1 the next (cyclic)
  uint32_t part_index = 0;  // kMain: cached mains first, common main last
  uint32_t index = 0;       // column, or public value

  Variable() = default;
  // Offsets above 1 are invalid and stay so.
  Variable(Entry entry, uint32_t part_index, uint32_t offset, uint32_t index)
      : entry(entry),
        offset(static_cast<uint16_t>(std::min<uint32_t>(offset, std::numeric_limits<uint16_t>::max()))),
        part_index(part_index),
        index(index) {}
  bool operator==(const Variable&) const = default;
};

static_assert(sizeof(Variable) == 12);

// What a kind needs not shares its place with what another does.
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
  Variable::Entry entry : 4 = Variable::Entry::kMain;  // kVariable
  uint8_t offset : 4 = 0;                              // kVariable
  // Degree multiple of the unsimplified tree; kAdd, kSub, kNeg, kMul. No key needs more bits: the degree of
  // an AIR, at most 255, bounds those of all subtrees of what it constrains and sends.
  uint16_t degree = 0;
  uint32_t left = 0;   // kAdd, kSub, kMul; the operand of kNeg; a variable's index; a constant's word
  uint32_t right = 0;  // kAdd, kSub, kMul; a variable's part
  bool operator==(const Node&) const = default;

  static Node of(const Variable& variable) {
    Node node;
    node.kind = Kind::kVariable;
    node.entry = variable.entry;
    node.offset = std::min<uint16_t>(variable.offset, 15) & 15;  // above 1: invalid, and stays so
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

static_assert(sizeof(Node) == 12);

// What an interaction is made from.
struct NewInteraction {
  std::vector<uint32_t> message;  // node indices, at least one
  uint32_t count = 0;             // node index
  uint16_t bus_index = 0;         // the protocol uses bus_index + 1
  uint32_t count_weight = 0;
};

// An interaction in a list, which owns the message.
struct Interaction {
  std::span<const uint32_t> message;
  uint32_t count = 0;
  uint16_t bus_index = 0;
  uint32_t count_weight = 0;

  operator NewInteraction() const {  // NOLINT(google-explicit-constructor)
    return {{message.begin(), message.end()}, count, bus_index, count_weight};
  }
};

// Interactions with all their messages in one block.
class InteractionList {
 public:
  InteractionList() = default;
  InteractionList(std::initializer_list<NewInteraction> interactions) {
    for (const NewInteraction& interaction : interactions) push_back(interaction);
  }

  size_t size() const { return records_.size(); }
  bool empty() const { return records_.empty(); }
  Interaction operator[](size_t i) const {
    const Record& record = records_[i];
    const size_t start = end_of_message(i);
    return {std::span(fields_).subspan(start, record.message_end - start), record.count, record.bus_index,
            record.count_weight};
  }

  class Iterator {
   public:
    Iterator(const InteractionList* list, size_t at) : list_(list), at_(at) {}
    Interaction operator*() const { return (*list_)[at_]; }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    bool operator==(const Iterator&) const = default;

   private:
    const InteractionList* list_;
    size_t at_;
  };
  Iterator begin() const { return {this, 0}; }
  Iterator end() const { return {this, size()}; }

  // For this many interactions with so many message fields in all.
  void reserve(size_t interactions, size_t fields) {
    records_.reserve(interactions);
    fields_.reserve(fields);
  }
  void push_back(const NewInteraction& interaction) {
    for (const uint32_t field : interaction.message) append_field(field);
    close(interaction.count, interaction.bus_index, interaction.count_weight);
  }
  // Appends to the message of the interaction that close() ends.
  void append_field(uint32_t node) { fields_.push_back(node); }
  void close(uint32_t count, uint16_t bus_index, uint32_t count_weight) {
    if (fields_.size() > std::numeric_limits<uint32_t>::max()) {
      throw Error(FailureKind::kInput, "the interactions of an AIR have more than 2^32 - 1 message fields");
    }
    records_.push_back({static_cast<uint32_t>(fields_.size()), count, count_weight, bus_index});
  }
  // New interactions have no message.
  void resize(size_t interactions) {
    if (interactions < size()) fields_.resize(end_of_message(interactions));
    records_.resize(interactions, {static_cast<uint32_t>(fields_.size()), 0, 0, 0});
  }
  void pop_back() { resize(size() - 1); }
  void clear() { resize(0); }
  bool operator==(const InteractionList&) const = default;

  // Bytes of memory for one interaction beside its message, and for one message field.
  static constexpr size_t record_size() { return sizeof(Record); }
  static constexpr size_t field_size() { return sizeof(uint32_t); }

 private:
  struct Record {
    uint32_t message_end, count, count_weight;
    uint16_t bus_index;
    bool operator==(const Record&) const = default;
  };

  // Where the messages of the first n interactions end.
  size_t end_of_message(size_t n) const { return n == 0 ? 0 : records_[n - 1].message_end; }

  std::vector<uint32_t> fields_;
  std::vector<Record> records_;
};

struct ConstraintDag {
  std::vector<Node> nodes;               // operands before their users
  std::vector<uint32_t> constraint_idx;  // ascending, without repeats; position k has weight lambda^k
  InteractionList interactions;
  bool operator==(const ConstraintDag&) const = default;
};

}  // namespace openswirl
