// Constraint expressions as text, for reports and error messages.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "protocol/dag.h"

namespace openswirl {

// "main[3]", "main.next[3]", "cached0[1]", "preprocessed[2]", "public[0]"; num_cached is the AIR's number of
// cached parts, which decides whether a main part is a cached one or the common one.
std::string variable_text(const Variable& variable, size_t num_cached);

// The field element as the integer of smallest absolute value: p - 1 becomes "-1".
std::string signed_text(Fp value);

// The expression of one node with the usual precedence; "..." stands for what lies beyond max_nodes nodes.
std::string expression_text(std::span<const Node> nodes, uint32_t node, size_t num_cached,
                            size_t max_nodes = 64);

}  // namespace openswirl
