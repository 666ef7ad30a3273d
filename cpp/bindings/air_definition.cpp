// Finished AIR definitions in Python: made by a builder or from the JSON form of the test vectors, and
// inspected.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <limits>

#include "bindings/air.h"
#include "check/expression_text.h"

namespace openswirl::bindings {
namespace {

constexpr const char* kOps[] = {"var", "is_first_row", "is_last_row", "is_transition", "const", "add",
                                "sub", "neg",          "mul"};
constexpr const char* kEntries[] = {"preprocessed", "main", "public"};

[[noreturn]] void malformed(const std::string& what) { throw Error(FailureKind::kFormat, "[air] " + what); }

template <class T>
T get(const nb::dict& object, const char* key) {
  T value{};
  if (!object.contains(key) || !nb::try_cast(object[key], value)) {
    malformed(std::string("the field \"") + key + "\" is missing or of the wrong type");
  }
  return value;
}

nb::list from_variable(const Variable& variable) {
  nb::list result;
  result.append(kEntries[static_cast<size_t>(variable.entry)]);
  result.append(variable.part_index);
  result.append(variable.offset);
  result.append(variable.index);
  return result;
}

Variable to_variable(const std::tuple<std::string, uint32_t, uint32_t, uint32_t>& value) {
  const auto& [entry, part, offset, index] = value;
  for (size_t i = 0; i < std::size(kEntries); ++i) {
    if (entry == kEntries[i]) return {static_cast<Variable::Entry>(i), part, offset, index};
  }
  malformed("unknown kind of variable \"" + entry + "\"");
}

nb::dict from_node(const Node& node) {
  nb::dict result;
  result["op"] = kOps[static_cast<size_t>(node.kind)];
  if (node.kind == Node::Kind::kVariable) result["var"] = from_variable(node.variable());
  if (node.kind == Node::Kind::kConstant) result["value"] = node.constant().canonical();
  if (node.kind == Node::Kind::kNeg) result["i"] = node.left;
  if (node.is_binary()) {
    result["l"] = node.left;
    result["r"] = node.right;
  }
  if (node.is_binary() || node.kind == Node::Kind::kNeg) result["deg"] = node.degree;
  return result;
}

Node to_node(const nb::dict& object) {
  const auto op = get<std::string>(object, "op");
  for (size_t i = 0; i < std::size(kOps); ++i) {
    if (op != kOps[i]) continue;
    Node node;
    node.kind = static_cast<Node::Kind>(i);
    if (node.kind == Node::Kind::kVariable) {
      node = Node::of(to_variable(get<std::tuple<std::string, uint32_t, uint32_t, uint32_t>>(object, "var")));
    }
    if (node.kind == Node::Kind::kConstant) {
      const auto value = get<uint32_t>(object, "value");
      if (value >= Fp::kModulus) malformed("the constant " + std::to_string(value) + " is not below p");
      node = Node::of(Fp::from_u32(value));
    }
    if (node.kind == Node::Kind::kNeg) node.left = get<uint32_t>(object, "i");
    if (node.is_binary()) {
      node.left = get<uint32_t>(object, "l");
      node.right = get<uint32_t>(object, "r");
    }
    if (node.is_binary() || node.kind == Node::Kind::kNeg) {
      const auto degree = get<uint32_t>(object, "deg");
      const uint32_t limit = std::numeric_limits<decltype(node.degree)>::max();
      if (degree > limit) {
        malformed("a node has degree " + std::to_string(degree) + ", at most " + std::to_string(limit) +
                  " is possible");
      }
      node.degree = static_cast<uint16_t>(degree);
    }
    return node;
  }
  malformed("unknown node \"" + op + "\"");
}

nb::dict from_interaction(const Interaction& interaction) {
  nb::dict result;
  result["bus"] = interaction.bus_index;
  result["message"] = std::vector<uint32_t>(interaction.message.begin(), interaction.message.end());
  result["count"] = interaction.count;
  result["count_weight"] = interaction.count_weight;
  return result;
}

// The AIR of this shape with a DAG given as it is (vectors README, section 2).
std::shared_ptr<const AirDefinition> with_dag(const AirDefinition& shape, const nb::list& nodes,
                                              std::vector<uint32_t> constraint_idx,
                                              const nb::list& interactions, std::optional<uint32_t> degree) {
  auto air = std::make_shared<AirDefinition>(shape);
  air->constraints = {};
  for (nb::handle node : nodes) {
    if (!nb::isinstance<nb::dict>(node)) malformed("a node is not an object");
    air->constraints.nodes.push_back(to_node(nb::borrow<nb::dict>(node)));
  }
  air->constraints.constraint_idx = std::move(constraint_idx);
  for (nb::handle item : interactions) {
    if (!nb::isinstance<nb::dict>(item)) malformed("an interaction is not an object");
    const nb::dict object = nb::borrow<nb::dict>(item);
    air->constraints.interactions.push_back({get<std::vector<uint32_t>>(object, "message"),
                                             get<uint32_t>(object, "count"), get<uint16_t>(object, "bus"),
                                             get<uint32_t>(object, "count_weight")});
  }
  air->constraint_sources.clear();
  air->interaction_sources.clear();
  check_dag(*air);
  const uint32_t least = dag_degree(air->constraints);
  air->degree = degree.value_or(least);
  if (air->degree < least) {
    malformed("the degree is given as " + std::to_string(air->degree) + " but the nodes have " +
              std::to_string(least));
  }
  return air;
}

}  // namespace

void bind_air_definition(nb::module_& module) {
  nb::class_<AirDefinition>(module, "AirDefinition", "One AIR as key generation takes it.")
      .def_ro("name", &AirDefinition::name)
      .def_ro("degree", &AirDefinition::degree)
      .def_ro("num_public_values", &AirDefinition::num_public_values)
      .def_prop_ro("preprocessed_width", [](const AirDefinition& air) { return air.width.preprocessed; })
      .def_prop_ro("cached_widths", [](const AirDefinition& air) { return air.width.cached_mains; })
      .def_prop_ro("common_width", [](const AirDefinition& air) { return air.width.common_main; })
      .def_prop_ro("need_rot", [](const AirDefinition& air) { return dag_needs_rotation(air.constraints); })
      .def_prop_ro("num_nodes", [](const AirDefinition& air) { return air.constraints.nodes.size(); })
      .def_prop_ro("constraint_idx", [](const AirDefinition& air) { return air.constraints.constraint_idx; })
      .def(
          "nodes",
          [](const AirDefinition& air) {
            nb::list result;
            for (const Node& node : air.constraints.nodes) result.append(from_node(node));
            return result;
          },
          "The DAG in the JSON form of the test vectors.",
          nb::sig("def nodes(self) -> list[dict[str, typing.Any]]"))
      .def(
          "interactions",
          [](const AirDefinition& air) {
            nb::list result;
            for (const Interaction& i : air.constraints.interactions) result.append(from_interaction(i));
            return result;
          },
          "The interactions in the JSON form of the test vectors.",
          nb::sig("def interactions(self) -> list[dict[str, typing.Any]]"))
      .def(
          "unused_variables",
          [](const AirDefinition& air) {
            nb::list result;
            const bool need_rot = dag_needs_rotation(air.constraints);
            for (const Variable& variable : unused_variables(air.constraints, air.width, need_rot)) {
              result.append(from_variable(variable));
            }
            return result;
          },
          nb::sig("def unused_variables(self) -> list[list[str | int]]"))
      .def(
          "node_degree",
          [](const AirDefinition& air, size_t node) {
            return degree_multiple(air.constraints.nodes.at(node));
          },
          nb::arg("node"))
      .def(
          "node_text",
          [](const AirDefinition& air, size_t node, size_t max_nodes) {
            static_cast<void>(air.constraints.nodes.at(node));  // throws
            return expression_text(air.constraints.nodes, static_cast<uint32_t>(node),
                                   air.width.cached_mains.size(), max_nodes);
          },
          nb::arg("node"), nb::arg("max_nodes") = 64)
      .def(
          "constraint_source",
          [](const AirDefinition& air, size_t k) { return source_at(air.constraint_sources, k); },
          nb::arg("k"))
      .def(
          "interaction_source",
          [](const AirDefinition& air, size_t i) { return source_at(air.interaction_sources, i); },
          nb::arg("i"))
      .def("with_dag", &with_dag, nb::arg("nodes"), nb::arg("constraint_idx"), nb::arg("interactions"),
           nb::arg("degree").none(),
           nb::sig("def with_dag(self, nodes: list[dict[str, typing.Any]], constraint_idx: "
                   "collections.abc.Sequence[int], "
                   "interactions: list[dict[str, typing.Any]], degree: int | None) -> AirDefinition"),
           "The same widths and preprocessed trace with this DAG.");
}

}  // namespace openswirl::bindings
