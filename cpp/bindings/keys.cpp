// Verifying and proving keys: OpenVM's encodings and a summary of every AIR.
#include "protocol/keys.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <set>

#include "bindings/bindings.h"
#include "codec/proving_key.h"
#include "codec/verifying_key.h"

namespace openswirl::bindings {
namespace {

using SharedVk = std::shared_ptr<const VerifyingKey>;
using SharedPk = std::shared_ptr<const ProvingKey>;

// A summary of one AIR, by value: what Python shows and checks.
struct AirSummary {
  std::optional<uint32_t> preprocessed_width;
  std::optional<int64_t> preprocessed_log_height;
  std::vector<uint32_t> cached_widths;
  uint64_t common_width, num_public_values, num_constraints, num_interactions, num_nodes;
  uint32_t degree;
  bool need_rot, is_required;
  std::vector<uint32_t> buses;
  uint64_t num_multiplications, num_additions;
  std::vector<uint64_t> message_lengths;
};

// Operations of one evaluation of the DAG.
uint64_t count_nodes(const ConstraintDag& dag, std::initializer_list<Node::Kind> kinds) {
  uint64_t count = 0;
  for (const Node& node : dag.nodes) count += std::find(kinds.begin(), kinds.end(), node.kind) != kinds.end();
  return count;
}

AirSummary summary(const VerifyingKey& vk, const AirVk& air) {
  std::set<uint32_t> buses;
  std::vector<uint64_t> message_lengths;
  for (const Interaction& interaction : air.constraints.interactions) {
    buses.insert(interaction.bus_index);
    message_lengths.push_back(interaction.message.size());
  }
  std::optional<int64_t> log_height;
  if (air.preprocessed) log_height = air.preprocessed->hypercube_dim + static_cast<int64_t>(vk.params.l_skip);
  return {air.width.preprocessed,
          log_height,
          air.width.cached_mains,
          air.width.common_main,
          air.num_public_values,
          air.constraints.constraint_idx.size(),
          air.constraints.interactions.size(),
          air.constraints.nodes.size(),
          air.max_constraint_degree,
          air.need_rot,
          air.is_required,
          {buses.begin(), buses.end()},
          count_nodes(air.constraints, {Node::Kind::kMul}),
          count_nodes(air.constraints, {Node::Kind::kAdd, Node::Kind::kSub, Node::Kind::kNeg}),
          std::move(message_lengths)};
}

SharedVk decode_vk(const nb::bytes& bytes) {
  const auto span = as_span(bytes);
  const nb::gil_scoped_release release;
  return std::make_shared<const VerifyingKey>(decode_verifying_key(span));
}

SharedPk decode_pk(const nb::bytes& bytes) {
  const auto span = as_span(bytes);
  const nb::gil_scoped_release release;
  return std::make_shared<const ProvingKey>(decode_proving_key(span));
}

nb::bytes encode_vk(const VerifyingKey& vk) {
  std::vector<uint8_t> bytes;
  {
    const nb::gil_scoped_release release;
    bytes = encode_verifying_key(vk);
  }
  return as_bytes(bytes);
}

nb::bytes encode_pk(const ProvingKey& pk) {
  std::vector<uint8_t> bytes;
  {
    const nb::gil_scoped_release release;
    bytes = encode_proving_key(pk);
  }
  return as_bytes(bytes);
}

// Bytes of the encoding by section; they add up to the whole.
std::vector<std::pair<std::string, uint64_t>> key_section_sizes(const VerifyingKey& vk) {
  VerifyingKey part;
  part.params = vk.params;
  const uint64_t frame = encode_inner_verifying_key(part).size();
  std::vector<std::pair<std::string, uint64_t>> sections{{"params", frame}};
  const uint64_t inner = encode_inner_verifying_key(vk).size();
  uint64_t rest = inner - frame;
  for (size_t i = 0; i < vk.airs.size(); ++i) {
    part.airs = {vk.airs[i]};
    const uint64_t size = encode_inner_verifying_key(part).size() - frame;
    sections.emplace_back("AIR " + std::to_string(i), size);
    rest -= size;
  }
  sections.emplace_back("height_constraints", rest);
  sections.emplace_back("pre_hash", encode_verifying_key(vk).size() - inner);
  return sections;
}

}  // namespace

void bind_keys(nb::module_& module) {
  nb::class_<AirSummary>(module, "AirSummary")
      .def_ro("preprocessed_width", &AirSummary::preprocessed_width)
      .def_ro("preprocessed_log_height", &AirSummary::preprocessed_log_height)
      .def_ro("cached_widths", &AirSummary::cached_widths)
      .def_ro("common_width", &AirSummary::common_width)
      .def_ro("num_public_values", &AirSummary::num_public_values)
      .def_ro("num_constraints", &AirSummary::num_constraints)
      .def_ro("num_interactions", &AirSummary::num_interactions)
      .def_ro("num_nodes", &AirSummary::num_nodes)
      .def_ro("degree", &AirSummary::degree)
      .def_ro("need_rot", &AirSummary::need_rot)
      .def_ro("is_required", &AirSummary::is_required)
      .def_ro("buses", &AirSummary::buses)
      .def_ro("num_multiplications", &AirSummary::num_multiplications)
      .def_ro("num_additions", &AirSummary::num_additions)
      .def_ro("message_lengths", &AirSummary::message_lengths);

  nb::class_<VerifyingKey>(module, "VerifyingKey")
      .def_static("from_bytes", &decode_vk, nb::arg("data"))
      .def("to_bytes", &encode_vk)
      .def("section_sizes", &key_section_sizes)
      .def(
          "equals", [](const VerifyingKey& a, const VerifyingKey& b) { return a == b; }, nb::arg("other"))
      .def_prop_ro("params", [](const VerifyingKey& vk) { return SystemParams(vk.params); })
      .def_prop_ro("pre_hash", [](const VerifyingKey& vk) { return canonical(vk.pre_hash); })
      .def_prop_ro("airs",
                   [](const VerifyingKey& vk) {
                     std::vector<AirSummary> airs;
                     for (const AirVk& air : vk.airs) airs.push_back(summary(vk, air));
                     return airs;
                   })
      .def_prop_ro(
          "height_constraints",
          [](const VerifyingKey& vk) {
            nb::list result;
            for (const HeightConstraint& c : vk.height_constraints) {
              result.append(nb::make_tuple(c.coefficients, c.threshold));
            }
            return result;
          },
          nb::sig("def height_constraints(self) -> list[tuple[list[int], int]]"));

  nb::class_<ProvingKey>(module, "ProvingKey")
      .def_static("from_bytes", &decode_pk, nb::arg("data"))
      .def("to_bytes", &encode_pk)
      .def_prop_ro("vk", [](const SharedPk& pk) { return SharedVk(pk, &pk->vk); })
      .def_prop_ro("air_names", [](const ProvingKey& pk) {
        std::vector<std::string> names;
        for (const AirPk& air : pk.airs) names.push_back(air.name);
        return names;
      });
}

}  // namespace openswirl::bindings
