// Constraint programs as the interpreter of metal/kernels/constraints.metal reads them.
#pragma once

#include "field/ext.h"
#include "gpu/kernels.h"
#include "gpu/trace_columns.h"
#include "stages/constraint_program.h"

namespace openswirl::gpu {

// The programs of all traces of a dispatch in one array: descriptors first.
class ProgramWords {
 public:
  explicit ProgramWords(size_t traces) : words_(traces * (sizeof(ConstraintsTrace) / 4)) {}

  // Appends a program; fills in the descriptor's places of instructions, constants and columns.
  void add(const stages::ConstraintProgram& program, const TraceColumns& columns,
           std::span<const Fp> public_values, ConstraintsTrace& descriptor);
  // Appends extension elements; the word at which they begin.
  uint32_t add(std::span<const Ext> elements);
  void set(size_t trace, const ConstraintsTrace& descriptor);

  std::span<const uint32_t> words() const { return words_; }
  std::span<const uint64_t> addresses() const { return addresses_; }
  // Slots of a thread that do not fit shared memory.
  uint32_t spilled_slots() const { return spilled_slots_; }

 private:
  uint32_t align();

  std::vector<uint32_t> words_;
  std::vector<uint64_t> addresses_;
  uint32_t spilled_slots_ = 0;
};

}  // namespace openswirl::gpu
