// SystemParams as the core holds them; the user-facing class is openswirl.params.SystemParams.
#include "protocol/params.h"

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bindings/bindings.h"

namespace openswirl::bindings {
namespace {

Proximity::Kind proximity_kind(uint32_t kind) {
  if (kind > 2) throw Error(FailureKind::kInput, "the proximity strategy must be 0, 1 or 2");
  return static_cast<Proximity::Kind>(kind);
}

}  // namespace

void bind_params(nb::module_& module) {
  nb::class_<SystemParams>(module, "SystemParams")
      .def(
          "__init__",
          [](SystemParams* self, uint64_t l_skip, uint64_t n_stack, uint64_t w_stack, uint64_t log_blowup,
             uint64_t k, std::vector<uint64_t> num_queries, uint64_t mu_pow_bits,
             uint64_t query_phase_pow_bits, uint64_t folding_pow_bits, uint32_t proximity,
             uint64_t proximity_m, uint64_t list_start_round, uint32_t max_interaction_count,
             uint32_t log_max_message_length, uint64_t logup_pow_bits, uint64_t max_constraint_degree) {
            const Proximity strategy{proximity_kind(proximity), proximity_m, list_start_round};
            new (self)
                SystemParams{l_skip,
                             n_stack,
                             w_stack,
                             log_blowup,
                             WhirParams{k, std::move(num_queries), mu_pow_bits, query_phase_pow_bits,
                                        folding_pow_bits, strategy},
                             LogupParams{max_interaction_count, log_max_message_length, logup_pow_bits},
                             max_constraint_degree};
          },
          nb::kw_only(), nb::arg("l_skip"), nb::arg("n_stack"), nb::arg("w_stack"), nb::arg("log_blowup"),
          nb::arg("k"), nb::arg("num_queries"), nb::arg("mu_pow_bits"), nb::arg("query_phase_pow_bits"),
          nb::arg("folding_pow_bits"), nb::arg("proximity"), nb::arg("proximity_m"),
          nb::arg("list_start_round"), nb::arg("max_interaction_count"), nb::arg("log_max_message_length"),
          nb::arg("logup_pow_bits"), nb::arg("max_constraint_degree"))
      .def_prop_ro("l_skip", [](const SystemParams& p) { return p.l_skip; })
      .def_prop_ro("n_stack", [](const SystemParams& p) { return p.n_stack; })
      .def_prop_ro("w_stack", [](const SystemParams& p) { return p.w_stack; })
      .def_prop_ro("log_blowup", [](const SystemParams& p) { return p.log_blowup; })
      .def_prop_ro("k", [](const SystemParams& p) { return p.whir.k; })
      .def_prop_ro("num_queries", [](const SystemParams& p) { return p.whir.num_queries; })
      .def_prop_ro("mu_pow_bits", [](const SystemParams& p) { return p.whir.mu_pow_bits; })
      .def_prop_ro("query_phase_pow_bits", [](const SystemParams& p) { return p.whir.query_phase_pow_bits; })
      .def_prop_ro("folding_pow_bits", [](const SystemParams& p) { return p.whir.folding_pow_bits; })
      .def_prop_ro("proximity",
                   [](const SystemParams& p) { return static_cast<uint32_t>(p.whir.proximity.kind); })
      .def_prop_ro("proximity_m", [](const SystemParams& p) { return p.whir.proximity.m; })
      .def_prop_ro("list_start_round",
                   [](const SystemParams& p) { return p.whir.proximity.list_start_round; })
      .def_prop_ro("max_interaction_count",
                   [](const SystemParams& p) { return p.logup.max_interaction_count; })
      .def_prop_ro("log_max_message_length",
                   [](const SystemParams& p) { return p.logup.log_max_message_length; })
      .def_prop_ro("logup_pow_bits", [](const SystemParams& p) { return p.logup.pow_bits; })
      .def_prop_ro("max_constraint_degree", [](const SystemParams& p) { return p.max_constraint_degree; })
      .def("invalid_reason", &SystemParams::invalid_reason)
      .def_static("app", &SystemParams::app, nb::arg("log_stacked_height"))
      .def_static("leaf", &SystemParams::leaf)
      .def_static("internal", &SystemParams::internal)
      .def_static("root", &SystemParams::root)
      .def_static("hook", &SystemParams::hook)
      .def_static("test_small", &SystemParams::test_small, nb::arg("l_skip"), nb::arg("n_stack"),
                  nb::arg("k"));
}

}  // namespace openswirl::bindings
