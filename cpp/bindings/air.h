// Symbolic expressions and the recorder they belong to, as the Python classes hold them. Internal to the
// bindings.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bindings/bindings.h"
#include "keygen/air_definition.h"

namespace openswirl::bindings {

// The state behind one run of an AIR's eval: what is known of the AIR, and what was recorded so far.
struct Recorder {
  AirDefinition air;
  Recording recording;
};
using SharedRecorder = std::shared_ptr<Recorder>;

// One expression tree; keeps its recorder alive.
struct Expr {
  SharedRecorder recorder;
  Tree tree = 0;
};

// "file:line" of the innermost Python frame outside the module openswirl.air; empty without a Python frame.
std::string source_line();

// Raise the classes of that name in openswirl.air; the text begins with the source line.
[[noreturn]] void raise_expression_error(const std::string& what);
[[noreturn]] void raise_column_error(const std::string& what);
[[noreturn]] void raise_keygen_error(const std::string& what);

// The tree of an expression of this recorder, or a new constant for an integer (taken mod p) or a boolean.
// Raises ExpressionError for anything else.
Tree to_tree(const SharedRecorder& recorder, nb::handle value);

// An integer from 0 to the limit; raises ExpressionError naming what it is for anything else.
uint64_t limited(nb::handle value, uint64_t limit, const char* what);

// The trees of a finite iterable of expressions and integers. Raises ExpressionError naming what they are for
// anything else, and for more than kMaxListed of them.
inline constexpr size_t kMaxListed = size_t{1} << 16;
std::vector<Tree> to_trees(const SharedRecorder& recorder, nb::handle values, const char* what);

// Both called by bind_air.
void bind_expression(nb::module_& module);
void bind_air_definition(nb::module_& module);

}  // namespace openswirl::bindings
