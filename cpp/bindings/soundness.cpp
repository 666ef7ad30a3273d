// The soundness calculator as one flat list of named numbers.
#include "soundness/soundness.h"

#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "bindings/bindings.h"

namespace openswirl::bindings {
namespace {

using Named = std::vector<std::pair<std::string, double>>;
using Round = std::tuple<uint64_t, uint64_t, double>;

// (components with the total, WHIR details, rounds as (log inverse rate, queries, query bits)).
std::tuple<Named, Named, std::vector<Round>> compute(const SystemParams& params,
                                                     const SoundnessContext& context) {
  const SoundnessReport report = compute_soundness(params, context);
  const WhirSoundness& whir = report.whir_details;
  std::vector<Round> rounds;
  for (const WhirRoundSoundness& round : whir.rounds) {
    rounds.emplace_back(round.log_inv_rate, round.num_queries, round.query_bits);
  }
  return {{{"logup", report.logup},
           {"gkr_sumcheck", report.gkr_sumcheck},
           {"gkr_batching", report.gkr_batching},
           {"zerocheck_sumcheck", report.zerocheck_sumcheck},
           {"constraint_batching", report.constraint_batching},
           {"stacked_reduction", report.stacked_reduction},
           {"whir", report.whir},
           {"total", report.total}},
          {{"mu_batching", whir.mu_batching},
           {"fold", whir.fold},
           {"proximity", whir.proximity},
           {"sumcheck", whir.sumcheck},
           {"out_of_domain", whir.out_of_domain},
           {"shift", whir.shift},
           {"query", whir.query},
           {"gamma_batching", whir.gamma_batching}},
          std::move(rounds)};
}

}  // namespace

void bind_soundness(nb::module_& module) {
  nb::class_<SoundnessContext>(module, "SoundnessContext")
      .def(
          "__init__",
          [](SoundnessContext* self, uint64_t constraints, uint64_t airs, uint64_t degree,
             uint64_t log_height, uint64_t columns, uint64_t stacked_columns, uint64_t n_logup) {
            new (self)
                SoundnessContext{constraints, airs, degree, log_height, columns, stacked_columns, n_logup};
          },
          nb::kw_only(), nb::arg("max_constraints_per_air"), nb::arg("num_airs"),
          nb::arg("max_constraint_degree"), nb::arg("max_log_height"), nb::arg("num_columns"),
          nb::arg("num_stacked_columns"), nb::arg("n_logup"))
      .def_static("of_key", &soundness_context_from, nb::arg("vk"))
      .def_ro("max_constraints_per_air", &SoundnessContext::max_constraints_per_air)
      .def_ro("num_airs", &SoundnessContext::num_airs)
      .def_ro("max_constraint_degree", &SoundnessContext::max_constraint_degree)
      .def_ro("max_log_height", &SoundnessContext::max_log_height)
      .def_ro("num_columns", &SoundnessContext::num_columns)
      .def_ro("num_stacked_columns", &SoundnessContext::num_stacked_columns)
      .def_ro("n_logup", &SoundnessContext::n_logup);
  module.def("soundness", &compute, nb::arg("params"), nb::arg("context"));
}

}  // namespace openswirl::bindings
