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

template <Tree (*operation)(SymbolicTrees&, Tree, uint64_t)>
Expr with_exponent(const Expr& x, nb::handle exponent) {
  const bool is_integer = PyLong_Check(exponent.ptr()) && !PyBool_Check(exponent.ptr());
  const unsigned long long value = is_integer ? PyLong_AsUnsignedLongLong(exponent.ptr()) : 0;
  if (!is_integer || PyErr_Occurred()) {
    PyErr_Clear();
    raise_expression_error("an exponent must be an integer from 0 to 2^64 - 1");
  }
  return make(x, operation(trees(x), x.tree, value));
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
  raise_expression_error("expected an expression or an integer, not " + class_name(value));
}

void bind_expression(nb::module_& module) {
  nb::class_<Expr> expr(
      module, "Expr",
      "A polynomial expression over the cells of two neighbouring rows, as an AIR's code writes it.");
  expr.def("__add__", &binary<add>, nb::arg("other"))
      .def("__radd__", &binary<reflected_add>, nb::arg("other"))
      .def("__sub__", &binary<sub>, nb::arg("other"))
      .def("__rsub__", &binary<reflected_sub>, nb::arg("other"))
      .def("__mul__", &binary<mul>, nb::arg("other"))
      .def("__rmul__", &binary<reflected_mul>, nb::arg("other"))
      .def("__neg__", &unary<neg>)
      .def("__pos__", [](const Expr& x) { return x; })
      .def("__pow__", &with_exponent<exp_const>, nb::arg("exponent"), "The tree of exp_const.")
      .def(
          "__truediv__",
          [](const Expr&, nb::handle) -> Expr {
            raise_expression_error(
                "an expression cannot be divided; use halve, div_2exp or a constant inverse");
          },
          nb::arg("other"))
      .def("__bool__",
           [](const Expr&) -> bool {
             raise_expression_error(
                 "an expression has no truth value; constrain it with when(...) or a product");
           })
      .def(
          "__eq__",
          [](const Expr&, nb::handle) -> bool {
            raise_expression_error("expressions cannot be compared; use builder.assert_eq");
          },
          nb::arg("other"), nb::sig("def __eq__(self, other: object, /) -> bool"))
      .def(
          "__ne__",
          [](const Expr&, nb::handle) -> bool {
            raise_expression_error("expressions cannot be compared; use builder.assert_eq");
          },
          nb::arg("other"), nb::sig("def __ne__(self, other: object, /) -> bool"))
      .def("__hash__", [](nb::handle self) { return reinterpret_cast<uintptr_t>(self.ptr()) >> 4; })
      .def("double", &unary<double_of>, "x + x")
      .def("square", &unary<square>, "x * x")
      .def("cube", &unary<cube>, "x * x * x")
      .def("xor", &binary<xor_of>, nb::arg("y"), "For bits: x + y - x * (y + y).")
      .def(
          "xor3",
          [](const Expr& x, nb::handle y, nb::handle z) {
            const Tree second = to_tree(x.recorder, y), third = to_tree(x.recorder, z);
            return make(x, xor3(trees(x), x.tree, second, third));
          },
          nb::arg("y"), nb::arg("z"), "For bits: x.xor(y).xor(z).")
      .def("andn", &binary<andn>, nb::arg("y"), "For bits: (1 - x) * y, that is, not x and y.")
      .def("bool_check", &unary<bool_check>, "x * (x - 1), zero exactly for a bit.")
      .def("halve", &unary<halve>, "x times the constant 1/2.")
      .def("div_2exp", &with_exponent<div_2exp>, nb::arg("exponent"), "x times the constant 2^-exponent.")
      .def("mul_2exp", &with_exponent<mul_2exp>, nb::arg("exponent"), "x times the power of the constant 2.")
      .def("exp_u64", &with_exponent<exp_u64>, nb::arg("exponent"),
           "Square and multiply from the lowest bit.")
      .def("exp_const", &with_exponent<exp_const>, nb::arg("exponent"),
           "A short chain for exponents up to 7, exp_u64 above.")
      .def("exp_power_of_2", &with_exponent<exp_power_of_2>, nb::arg("log_exponent"), "Repeated squares.")
      .def(
          "powers",
          [](const Expr& x, size_t count) {
            std::vector<Expr> result;
            for (const Tree tree : powers(trees(x), x.tree, count)) result.push_back(make(x, tree));
            return result;
          },
          nb::arg("count"), "1, x, x^2, ... as a list of `count` expressions.")
      .def_prop_ro(
          "degree", [](const Expr& x) { return trees(x).degree(x.tree); },
          "Degree multiple of the tree as written (protocol part 02, 1.7).")
      .def("__str__", &text)
      .def("__repr__", [](const Expr& x) { return "<Expr " + text(x) + ">"; });
  // Makes numpy leave mixed operators to this class.
  expr.attr("__array_ufunc__") = nb::none();
}

}  // namespace openswirl::bindings
