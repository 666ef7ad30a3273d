// Evaluates constraints and buses on host traces, before any proving, and says what does not hold.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "protocol/keys.h"
#include "runtime/context.h"

namespace openswirl {

// Row-major canonical residues in borrowed memory.
struct CheckMatrix {
  const uint32_t* data = nullptr;
  uint64_t rows = 0;
  uint64_t columns = 0;
};

struct CheckTrace {
  uint32_t air_id = 0;
  CheckMatrix common;  // rows also when columns = 0
  std::vector<CheckMatrix> cached;
  std::vector<Fp> public_values;
};

// How much of what is wrong the report keeps; it always counts everything.
struct CheckLimits {
  size_t rows_per_constraint = 3;
  size_t messages_per_bus = 10;
  size_t places_per_message = 4;
  size_t variables_per_row = 256;
};

struct VariableValue {
  Variable variable;
  Fp value;
};

struct Violation {
  uint64_t row = 0;
  Fp value;                              // of the constraint, not zero
  std::vector<VariableValue> variables;  // that the constraint reads on this row, each once, in node order
};

struct ConstraintFailure {
  uint32_t air_id = 0;
  uint32_t constraint = 0;       // position in constraint_idx
  uint64_t num_rows = 0;         // rows on which it does not hold
  std::vector<Violation> first;  // ascending rows
};

struct MessagePlace {
  uint32_t air_id = 0;
  uint64_t row = 0;
  uint32_t interaction = 0;
  Fp count;
};

struct UnbalancedMessage {
  std::vector<Fp> message;
  Fp net;                            // sum of all counts, not zero
  uint64_t num_places = 0;           // rows and interactions that send or receive it
  std::vector<MessagePlace> places;  // the first of them, by AIR id, row, interaction
};

struct UnbalancedBus {
  uint16_t bus_index = 0;
  uint64_t num_messages = 0;             // different unbalanced messages
  std::vector<UnbalancedMessage> first;  // by their first place
};

struct CheckReport {
  std::vector<ConstraintFailure> constraints;  // by AIR id, then constraint
  std::vector<UnbalancedBus> buses;            // by bus index
  bool ok() const { return constraints.empty() && buses.empty(); }
};

// A wrong trace is reported, not thrown. Throws Error{kInput} for inputs that cannot be evaluated: no trace,
// an unknown or repeated AIR id, parts that are missing or of the wrong width or height, a value that is not
// below p, a wrong number of public values; and Error{kCancelled} or {kTimeout} through the context. The
// report does not depend on the number of threads. Protocol part 02, 1.3 to 1.6.
CheckReport check(const ProvingKey& key, std::span<const CheckTrace> traces, const CheckLimits& limits,
                  const Context& context);

}  // namespace openswirl
