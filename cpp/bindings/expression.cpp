// The Python class Expr: every operator makes exactly one tree node, every method the tree of its name (part
// 02, 2.2).
#include <nanobind/operators.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bindings/air.h"
#include "check/expression_text.h"
#include "keygen/derived_ops.h"

namespace openswirl::bindings {
namespace {

[[noreturn]] void raise_python(const char* module, const char* name, const std::string& what) {
  const std::string source = source_line();
  const std::string text = source.empty() ? what : source + ": " + what;
  // The classes live in Python so that they document themselves; they are looked up only when one is raised.
  const nb::object type = nb::module_::import_(module).attr(name);
  PyErr_SetString(type.ptr(), text.c_str());
  throw nb::python_error();
}

std::string class_name(nb::handle value) { return nb::cast<std::string>(value.type().attr("__name__")); }

// Any Python integer mod p.
Fp field_element(nb::handle value) {
  int overflow = 0;
  const long long small = PyLong_AsLongLongAndOverflow(value.ptr(), &overflow);
  if (overflow == 0) {
    if (small == -1 && PyErr_Occurred()) throw nb::python_error();
    return Fp::from_i64(small);
  }
  const nb::int_ modulus(static_cast<uint64_t>(Fp::kModulus));
  const nb::object rest = nb::steal(PyNumber_Remainder(value.ptr(), modulus.ptr()));
  if (!rest.is_valid()) throw nb::python_error();
  return Fp::from_u64(nb::cast<uint64_t>(rest));
}

Expr make(const Expr& like, Tree tree) { return {like.recorder, tree}; }

SymbolicTrees& trees(const Expr& x) { return x.recorder->recording.trees; }

template <Tree (*operation)(SymbolicTrees&, Tree)>
Expr unary(const Expr& x) {
  return make(x, operation(trees(x), x.tree));
}

template <Tree (*operation)(SymbolicTrees&, Tree, Tree)>
Expr binary(const Expr& x, nb::handle y) {
  return make(x, operation(trees(x), x.tree, to_tree(x.recorder, y)));
}

// The limit keeps exp_power_of_2, whose tree grows with the exponent itself, small.
template <Tree (*operation)(SymbolicTrees&, Tree, uint64_t), uint64_t limit = UINT64_MAX>
Expr with_exponent(const Expr& x, nb::handle exponent) {
  const uint64_t value = limited(exponent, limit, "an exponent");
  return make(x, operation(trees(x), x.tree, value));
}

nb::list powers_of(const Expr& x, nb::handle count) {
  const uint64_t number = limited(count, kMaxListed, "the number of powers");
  nb::list result;
  for (const Tree tree : powers(trees(x), x.tree, number)) result.append(nb::cast(make(x, tree)));
  return result;
}

// What Python would do with a value, and why an expression, which stands for many, cannot.
struct Refused {
  const char* reason;
  std::vector<const char*> methods;
};
const Refused kRefusedUnary[] = {
    {"an expression is no number; it has no value before a trace is given",
     {"__int__", "__float__", "__abs__"}},
    {"an expression has no truth value; constrain it with when(...) or a product", {"__bool__"}},
    {"an expression has no bits; write 1 - x for the negation of a bit", {"__invert__"}},
};
const Refused kRefusedBinary[] = {
    {"an expression cannot be divided; use halve, div_2exp or a constant inverse",
     {"__truediv__", "__rtruediv__", "__floordiv__", "__rfloordiv__", "__mod__", "__rmod__"}},
    {"expressions have no order; decompose them into bits", {"__lt__", "__le__", "__gt__", "__ge__"}},
    {"an expression has no bits; use x * y, xor, andn, mul_2exp or div_2exp",
     {"__and__", "__rand__", "__or__", "__ror__", "__xor__", "__rxor__", "__lshift__", "__rlshift__",
      "__rshift__", "__rrshift__"}},
    {"an expression cannot be an exponent", {"__rpow__"}},
};

void bind_refused(nb::class_<Expr>& expr) {
  for (const Refused& refused : kRefusedUnary) {
    for (const char* method : refused.methods) {
      const std::string signature = std::string("def ") + method + "(self) -> typing.NoReturn";
      expr.def(
          method, [reason = refused.reason](const Expr&) -> nb::object { raise_expression_error(reason); },
          nb::sig(signature.c_str()));
    }
  }
  for (const Refused& refused : kRefusedBinary) {
    for (const char* method : refused.methods) {
      const std::string signature =
          std::string("def ") + method + "(self, other: object, /) -> typing.NoReturn";
      expr.def(
          method,
          [reason = refused.reason](const Expr&, nb::handle) -> nb::object {
            raise_expression_error(reason);
          },
          nb::arg("other").none(), nb::sig(signature.c_str()));
    }
  }
}

Tree add(SymbolicTrees& t, Tree x, Tree y) { return t.add(x, y); }
Tree sub(SymbolicTrees& t, Tree x, Tree y) { return t.sub(x, y); }
Tree mul(SymbolicTrees& t, Tree x, Tree y) { return t.mul(x, y); }
Tree neg(SymbolicTrees& t, Tree x) { return t.neg(x); }
Tree reflected_add(SymbolicTrees& t, Tree x, Tree y) { return t.add(y, x); }
Tree reflected_sub(SymbolicTrees& t, Tree x, Tree y) { return t.sub(y, x); }
Tree reflected_mul(SymbolicTrees& t, Tree x, Tree y) { return t.mul(y, x); }

std::string text(const Expr& x) {
  return expression_text(trees(x).nodes(), x.tree, x.recorder->air.width.cached_mains.size());
}

}  // namespace

std::string source_line() {
  nb::object frame = nb::borrow(reinterpret_cast<PyObject*>(PyEval_GetFrame()));
  while (frame.is_valid() && !frame.is_none()) {
    const nb::object name = frame.attr("f_globals").attr("get")("__name__");
    if (!nb::isinstance<nb::str>(name) ||
        std::string_view(nb::cast<nb::str>(name).c_str()) != "openswirl.air") {
      const int line = PyFrame_GetLineNumber(reinterpret_cast<PyFrameObject*>(frame.ptr()));
      return nb::cast<std::string>(frame.attr("f_code").attr("co_filename")) + ':' + std::to_string(line);
    }
    frame = frame.attr("f_back");
  }
  return {};
}

void raise_expression_error(const std::string& what) {
  raise_python("openswirl.air", "ExpressionError", what);
}
void raise_column_error(const std::string& what) { raise_python("openswirl.air", "ColumnError", what); }
void raise_keygen_error(const std::string& what) { raise_python("openswirl.errors", "KeygenError", what); }

Tree to_tree(const SharedRecorder& recorder, nb::handle value) {
  if (nb::isinstance<Expr>(value)) {
    const Expr& x = *nb::inst_ptr<Expr>(value);
    if (x.recorder != recorder) raise_expression_error("an expression of another AIR or another run of eval");
    return x.tree;
  }
  SymbolicTrees& trees = recorder->recording.trees;
  if (PyLong_Check(value.ptr())) return trees.constant(field_element(value));
  if (PyIndex_Check(value.ptr())) {
    const nb::object integer = nb::steal(PyNumber_Index(value.ptr()));
    if (integer.is_valid()) return trees.constant(field_element(integer));
    PyErr_Clear();
  }
  const std::string name = class_name(value);
  std::string hint;
  if (name == "Row") hint = "; a cell of a row x is x[0]";
  if (name == "Window") hint = "; a cell of a window x is x.local[0] or x.next[0]";
  if (PyCallable_Check(value.ptr())) hint = "; call it";
  raise_expression_error("expected an expression or an integer, not " + name + hint);
}

uint64_t limited(nb::handle value, uint64_t limit, const char* what) {
  uint64_t result = 0;
  const bool is_integer = PyIndex_Check(value.ptr()) && !PyBool_Check(value.ptr());
  if (!is_integer || !nb::try_cast(value, result) || result > limit) {
    raise_expression_error(std::string(what) + " must be an integer from 0 to " + std::to_string(limit));
  }
  return result;
}

std::vector<Tree> to_trees(const SharedRecorder& recorder, nb::handle values, const char* what) {
  if (nb::isinstance<Expr>(values) || !PyObject_HasAttrString(values.ptr(), "__iter__") ||
      nb::isinstance<nb::str>(values)) {
    raise_expression_error(std::string(what) + " must be a list of expressions and integers, not " +
                           class_name(values));
  }
  std::vector<Tree> result;
  for (nb::handle value : values) {
    if (result.size() == kMaxListed) {
      raise_expression_error(std::string(what) + " are more than " + std::to_string(kMaxListed));
    }
    result.push_back(to_tree(recorder, value));
  }
  return result;
}

void bind_expression(nb::module_& module) {
  nb::class_<Expr> expr(
      module, "Expr",
      "A polynomial expression over the cells of two neighbouring rows, as an AIR's code writes it.");
  expr.def("__add__", &binary<add>, nb::arg("other").none())
      .def("__radd__", &binary<reflected_add>, nb::arg("other").none())
      .def("__sub__", &binary<sub>, nb::arg("other").none())
      .def("__rsub__", &binary<reflected_sub>, nb::arg("other").none())
      .def("__mul__", &binary<mul>, nb::arg("other").none())
      .def("__rmul__", &binary<reflected_mul>, nb::arg("other").none())
      .def("__neg__", &unary<neg>)
      .def("__pos__", [](const Expr& x) { return x; })
      .def("__pow__", &with_exponent<exp_const>, nb::arg("exponent").none(), "The tree of exp_const.")
      .def(
          "__eq__",
          [](const Expr&, nb::handle) -> bool {
            raise_expression_error("expressions cannot be compared; use builder.assert_eq");
          },
          nb::arg("other").none(), nb::sig("def __eq__(self, other: object, /) -> bool"))
      .def(
          "__ne__",
          [](const Expr&, nb::handle) -> bool {
            raise_expression_error("expressions cannot be compared; use builder.assert_eq");
          },
          nb::arg("other").none(), nb::sig("def __ne__(self, other: object, /) -> bool"))
      .def("__hash__", [](nb::handle self) { return reinterpret_cast<uintptr_t>(self.ptr()) >> 4; })
      .def("double", &unary<double_of>, "x + x")
      .def("square", &unary<square>, "x * x")
      .def("cube", &unary<cube>, "x * x * x")
      .def("xor", &binary<xor_of>, nb::arg("y").none(), "For bits: x + y - x * (y + y).")
      .def(
          "xor3",
          [](const Expr& x, nb::handle y, nb::handle z) {
            const Tree second = to_tree(x.recorder, y), third = to_tree(x.recorder, z);
            return make(x, xor3(trees(x), x.tree, second, third));
          },
          nb::arg("y").none(), nb::arg("z").none(), "For bits: x.xor(y).xor(z).")
      .def("andn", &binary<andn>, nb::arg("y").none(), "For bits: (1 - x) * y, that is, not x and y.")
      .def("bool_check", &unary<bool_check>, "x * (x - 1), zero exactly for a bit.")
      .def("halve", &unary<halve>, "x times the constant 1/2.")
      .def("div_2exp", &with_exponent<div_2exp>, nb::arg("exponent").none(),
           "x times the constant 2^-exponent.")
      .def("mul_2exp", &with_exponent<mul_2exp>, nb::arg("exponent").none(),
           "x times the power of the constant 2.")
      .def("exp_u64", &with_exponent<exp_u64>, nb::arg("exponent").none(),
           "Square and multiply from the lowest bit.")
      .def("exp_const", &with_exponent<exp_const>, nb::arg("exponent").none(),
           "A short chain for exponents up to 7, exp_u64 above.")
      .def("exp_power_of_2", &with_exponent<exp_power_of_2, 64>, nb::arg("log_exponent").none(),
           "Repeated squares.")
      .def("powers", &powers_of, nb::arg("count").none(),
           nb::sig("def powers(self, count: int) -> list[Expr]"),
           "1, x, x^2, ... as a list of `count` expressions, at most 65536.")
      .def_prop_ro(
          "degree", [](const Expr& x) { return trees(x).degree(x.tree); },
          "Degree multiple of the tree as written (protocol part 02, 1.7).")
      .def("__str__", &text)
      .def("__repr__", [](const Expr& x) { return "<Expr " + text(x) + ">"; });
  bind_refused(expr);
  // Makes numpy leave mixed operators to this class.
  expr.attr("__array_ufunc__") = nb::none();
}

}  // namespace openswirl::bindings
