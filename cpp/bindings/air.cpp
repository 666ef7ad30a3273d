// The Python classes behind openswirl.air: rows of expressions, the recording builder, and finished AIR
// definitions.
#include "bindings/air.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <limits>

#include "check/expression_text.h"
#include "keygen/derived_ops.h"

namespace openswirl::bindings {
namespace {

// The cells of one row of one part, or the public values.
struct Row {
  SharedRecorder recorder;
  Variable first;  // with index 0
  uint64_t width = 0;
  std::string label;

  Expr at(uint64_t index) const {
    Variable variable = first;
    variable.index = static_cast<uint32_t>(index);
    return {recorder, recorder->recording.trees.variable(variable)};
  }
};

// Two neighbouring rows of one part.
struct Window {
  Row local, next;
};

class Builder {
 public:
  explicit Builder(SharedRecorder recorder) : recorder_(std::move(recorder)) {}

  Window part(uint64_t index) const {
    const TraceWidth& width = recorder_->air.width;
    const bool cached = index < width.cached_mains.size();
    return window(Variable::Entry::kMain, static_cast<uint32_t>(index),
                  cached ? width.cached_mains[index] : width.common_main,
                  cached ? "cached part " + std::to_string(index) : "the common main");
  }
  Window common() const { return part(recorder_->air.width.cached_mains.size()); }
  Window cached(nb::handle index) const {
    const size_t count = recorder_->air.width.cached_mains.size();
    const uint64_t part_index = limited(index, UINT32_MAX, "the index of a cached part");
    if (part_index >= count) {
      raise_column_error("cached part " + std::to_string(part_index) + ": AIR \"" + recorder_->air.name +
                         "\" has " + std::to_string(count) + " cached parts");
    }
    return part(part_index);
  }
  Window main() const {
    const TraceWidth& width = recorder_->air.width;
    const size_t parts = width.cached_mains.size() + (width.common_main != 0 ? 1 : 0);
    if (parts != 1) {
      raise_keygen_error("AIR \"" + recorder_->air.name + "\" has " + std::to_string(parts) +
                         " main parts; use common() and cached(i)");
    }
    return part(0);
  }
  Window preprocessed() const {
    if (!recorder_->air.width.preprocessed) {
      raise_keygen_error("AIR \"" + recorder_->air.name + "\" has no preprocessed trace");
    }
    return window(Variable::Entry::kPreprocessed, 0, *recorder_->air.width.preprocessed,
                  "the preprocessed trace");
  }
  Row public_values() const {
    return {recorder_,
            {Variable::Entry::kPublic, 0, 0, 0},
            recorder_->air.num_public_values,
            "the public values"};
  }
  Expr selector(Node::Kind kind) const { return {recorder_, trees().selector(kind)}; }
  Expr constant(nb::handle value) const { return {recorder_, to_tree(recorder_, value)}; }

  Builder when(nb::handle condition) const { return when(to_tree(recorder_, condition)); }
  Builder when_ne(nb::handle x, nb::handle y) const { return when(difference(x, y)); }
  Builder when_selector(Node::Kind kind) const { return when(trees().selector(kind)); }

  void assert_zero(nb::handle x) const { record(to_tree(recorder_, x)); }
  // One at a time: the nodes of a generator's expressions then come in the order of its code.
  void assert_zeros(nb::handle xs) const {
    for (nb::handle x : iterable(xs)) assert_zero(x);
  }
  void assert_bools(nb::handle xs) const {
    for (nb::handle x : iterable(xs)) assert_bool(x);
  }
  void assert_one(nb::handle x) const {
    const Tree tree = to_tree(recorder_, x);
    record(trees().sub(tree, trees().constant(Fp::one())));
  }
  void assert_eq(nb::handle x, nb::handle y) const { record(difference(x, y)); }
  void assert_bool(nb::handle x) const { record(bool_check(trees(), to_tree(recorder_, x))); }
  void assert_tern(nb::handle x) const { record(ternary_check(trees(), to_tree(recorder_, x))); }

  void push_interaction(nb::handle bus, nb::handle fields, nb::handle count, nb::handle count_weight) const {
    if (!conditions_.empty()) {
      raise_keygen_error(
          "an interaction cannot be pushed through when(...); multiply its count by the condition");
    }
    RecordedInteraction interaction;
    interaction.bus_index = static_cast<uint16_t>(limited(bus, std::numeric_limits<uint16_t>::max(), "bus"));
    interaction.message = to_trees(recorder_, fields, "the fields of an interaction");
    interaction.count = to_tree(recorder_, count);
    interaction.count_weight =
        static_cast<uint32_t>(limited(count_weight, std::numeric_limits<uint32_t>::max(), "count_weight"));
    interaction.source = source_line();
    recorder_->recording.interactions.push_back(std::move(interaction));
  }

  std::shared_ptr<const AirDefinition> finish() const {
    auto air = std::make_shared<AirDefinition>(recorder_->air);
    set_recording(*air, recorder_->recording);
    return air;
  }

 private:
  SymbolicTrees& trees() const { return recorder_->recording.trees; }

  static nb::handle iterable(nb::handle values) {
    if (nb::isinstance<Expr>(values) || !PyObject_HasAttrString(values.ptr(), "__iter__")) {
      raise_expression_error("expected a list of expressions and integers");
    }
    return values;
  }

  Window window(Variable::Entry entry, uint32_t part, uint64_t width, const std::string& label) const {
    return {{recorder_, {entry, part, 0, 0}, width, label}, {recorder_, {entry, part, 1, 0}, width, label}};
  }
  Tree difference(nb::handle x, nb::handle y) const {
    const Tree left = to_tree(recorder_, x), right = to_tree(recorder_, y);
    return trees().sub(left, right);
  }
  Builder when(Tree condition) const {
    Builder filtered = *this;
    filtered.conditions_.push_back(condition);
    return filtered;
  }
  void record(Tree tree) const { recorder_->recording.assert_zero(conditions_, tree, source_line()); }

  SharedRecorder recorder_;
  std::vector<Tree> conditions_;  // outermost first
};

nb::list row_slice(const Row& row, const nb::slice& key) {
  const auto [start, stop, step, length] = key.compute(row.width);
  nb::list result;
  for (size_t i = 0; i < length; ++i) {
    result.append(nb::cast(row.at(static_cast<uint64_t>(start + static_cast<Py_ssize_t>(i) * step))));
  }
  return result;
}

Expr row_item(const Row& row, nb::handle key) {
  int64_t index = 0;
  if (!PyIndex_Check(key.ptr()) || !nb::try_cast(key, index)) {
    raise_expression_error("a column of " + row.label + " is named by an integer or a slice");
  }
  const int64_t width = static_cast<int64_t>(row.width);
  if (index < -width || index >= width) {
    raise_column_error("index " + std::to_string(index) + " in " + row.label + ": AIR \"" +
                       row.recorder->air.name + "\" has " + std::to_string(width) + " there");
  }
  return row.at(static_cast<uint64_t>(index < 0 ? index + width : index));
}

nb::list row_list(const Row& row) {
  nb::list result;
  for (uint64_t i = 0; i < row.width; ++i) result.append(nb::cast(row.at(i)));
  return result;
}

// Keeps the array alive from any thread.
PreprocessedTrace preprocessed_trace(const MatrixArray& array) {
  auto owner = std::shared_ptr<const void>(new MatrixArray(array), [](const void* held) {
    const nb::gil_scoped_acquire gil;
    delete static_cast<const MatrixArray*>(held);
  });
  return {array.data(), array.shape(0), array.shape(1), std::move(owner)};
}

void set_shape(AirDefinition& air, std::string name, uint32_t common_width,
               std::vector<uint32_t> cached_widths, uint64_t num_public_values,
               const std::optional<MatrixArray>& preprocessed) {
  air.name = std::move(name);
  air.width.common_main = common_width;
  air.width.cached_mains = std::move(cached_widths);
  air.num_public_values = num_public_values;
  // Widths that do not fit stay above what check_sizes() allows.
  if (preprocessed) {
    air.width.preprocessed = static_cast<uint32_t>(
        std::min<uint64_t>(preprocessed->shape(1), std::numeric_limits<uint32_t>::max()));
  }
  check_sizes(air);
  if (!preprocessed) return;
  air.preprocessed = preprocessed_trace(*preprocessed);
}

}  // namespace

void bind_air(nb::module_& module) {
  bind_expression(module);
  bind_air_definition(module);

  nb::class_<Row>(module, "Row", "Expressions for the cells of one row; iterable, with indices and slices.")
      .def("__getitem__", &row_slice, nb::arg("index").none(),
           nb::sig("def __getitem__(self, index: slice, /) -> list[Expr]"))
      .def("__getitem__", &row_item, nb::arg("index").none(),
           nb::sig("def __getitem__(self, index: int, /) -> Expr"))
      .def("__len__", [](const Row& row) { return row.width; })
      .def(
          "__iter__", [](const Row& row) { return nb::iter(row_list(row)); },
          nb::sig("def __iter__(self) -> collections.abc.Iterator[Expr]"));

  nb::class_<Window>(module, "Window",
                     "A row and its cyclic successor in one part; unpacks to (local, next).")
      .def_ro("local", &Window::local)
      .def_ro("next", &Window::next)
      .def(
          "__getitem__",
          [](const Window&, nb::handle) -> nb::object {
            raise_expression_error(
                "a window is two rows; write .local[0] for this row or .next[0] for the next");
          },
          nb::arg("index").none(), nb::sig("def __getitem__(self, index: object, /) -> typing.NoReturn"))
      .def(
          "__iter__",
          [](const Window& window) { return nb::iter(nb::make_tuple(window.local, window.next)); },
          nb::sig("def __iter__(self) -> collections.abc.Iterator[Row]"));

  using enum Node::Kind;
  nb::class_<Builder>(module, "AirBuilder", "Hands out expressions and records constraints and interactions.")
      .def(
          "__init__",
          [](Builder* self, std::string name, uint32_t common_width, std::vector<uint32_t> cached_widths,
             uint64_t num_public_values, const std::optional<MatrixArray>& preprocessed) {
            const auto recorder = std::make_shared<Recorder>();
            set_shape(recorder->air, std::move(name), common_width, std::move(cached_widths),
                      num_public_values, preprocessed);
            new (self) Builder(recorder);
          },
          nb::arg("name"), nb::arg("common_width"), nb::arg("cached_widths"), nb::arg("num_public_values"),
          nb::arg("preprocessed").noconvert().none())
      .def("main", &Builder::main, "The only main part. KeygenError if there are several.")
      .def("common", &Builder::common, "The common main part.")
      .def("cached", &Builder::cached, nb::arg("index").none(), "Cached main part `index`.")
      .def("preprocessed", &Builder::preprocessed, "The preprocessed trace. KeygenError if there is none.")
      .def_prop_ro("public_values", &Builder::public_values, "The public values as a row of degree 0.")
      .def(
          "is_first_row", [](const Builder& b) { return b.selector(kIsFirstRow); },
          "1 on the first row, else 0.")
      .def(
          "is_last_row", [](const Builder& b) { return b.selector(kIsLastRow); },
          "1 on the last row, else 0.")
      .def(
          "is_transition", [](const Builder& b) { return b.selector(kIsTransition); },
          "0 on the last row, else 1.")
      .def("constant", &Builder::constant, nb::arg("value").none(), "A constant, or the expression itself.")
      .def("when", nb::overload_cast<nb::handle>(&Builder::when, nb::const_), nb::arg("condition").none(),
           "A builder that multiplies what it asserts by the condition.")
      .def("when_ne", &Builder::when_ne, nb::arg("x").none(), nb::arg("y").none(), "when(x - y)")
      .def("when_first_row", [](const Builder& b) { return b.when_selector(kIsFirstRow); })
      .def("when_last_row", [](const Builder& b) { return b.when_selector(kIsLastRow); })
      .def("when_transition", [](const Builder& b) { return b.when_selector(kIsTransition); })
      .def("assert_zero", &Builder::assert_zero, nb::arg("x").none())
      .def(
          "assert_zeros", [](const Builder& b, nb::handle xs) { b.assert_zeros(xs); }, nb::arg("xs").none(),
          nb::sig("def assert_zeros(self, xs: collections.abc.Iterable[Expr | int]) -> None"))
      .def("assert_one", &Builder::assert_one, nb::arg("x").none(), "x - 1 = 0")
      .def("assert_eq", &Builder::assert_eq, nb::arg("x").none(), nb::arg("y").none(), "x - y = 0")
      .def("assert_bool", &Builder::assert_bool, nb::arg("x").none(), "x (x - 1) = 0")
      .def(
          "assert_bools", [](const Builder& b, nb::handle xs) { b.assert_bools(xs); }, nb::arg("xs").none(),
          nb::sig("def assert_bools(self, xs: collections.abc.Iterable[Expr | int]) -> None"))
      .def("assert_tern", &Builder::assert_tern, nb::arg("x").none(), "x (x - 1) (x - 2) = 0")
      .def("push_interaction", &Builder::push_interaction, nb::arg("bus").none(), nb::arg("fields").none(),
           nb::arg("count").none(), nb::arg("count_weight").none(),
           "Sends the fields `count` times on the bus (a negative count receives). The weight says how much "
           "one row "
           "adds to the bus's trace height constraint; see LookupBus and PermutationBus for the usual ones.")
      .def("finish", &Builder::finish, "The AIR with everything recorded so far.");
}

}  // namespace openswirl::bindings
