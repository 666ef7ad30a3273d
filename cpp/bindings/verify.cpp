// The verifier: a verdict, and for tests the transcript it saw.
#include "verifier/verifier.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bindings/running.h"

namespace openswirl::bindings {
namespace {

using PublicValues = std::vector<std::vector<uint32_t>>;

// (accepted, check, detail). public_values: canonical, already checked to be below p.
nb::tuple verify_proof(const VerifyingKey& vk, const Proof& proof, const SystemParams* params,
                       const std::optional<PublicValues>& public_values) {
  Verdict verdict;
  const RunningCall call;
  {
    const nb::gil_scoped_release release;
    VerifyOptions options;
    options.params = params;
    Ragged<Fp> statement;
    if (public_values) {
      for (const auto& values : *public_values) {
        for (const uint32_t value : values) statement.append(Fp::from_u32(value));
        statement.close();
      }
      options.public_values = &statement;
    }
    verdict = verify(vk, proof, options);
  }
  return nb::make_tuple(verdict.accepted, verdict.check, verdict.detail);
}

// The verifier's transcript: canonical values, and whether each was sampled.
std::pair<std::vector<uint32_t>, std::vector<bool>> transcript_log(const VerifyingKey& vk,
                                                                   const Proof& proof) {
  std::vector<LogEntry> log;
  {
    const nb::gil_scoped_release release;
    VerifyOptions options;
    options.log = &log;
    const Verdict verdict = verify(vk, proof, options);
    (void)verdict;
  }
  std::pair<std::vector<uint32_t>, std::vector<bool>> result;
  for (const LogEntry& entry : log) {
    result.first.push_back(entry.value.canonical());
    result.second.push_back(entry.is_sample);
  }
  return result;
}

}  // namespace

void bind_verify(nb::module_& module) {
  module.def("verify", &verify_proof, nb::arg("vk"), nb::arg("proof"), nb::arg("params").none(),
             nb::arg("public_values").none(),
             nb::sig("def verify(vk: VerifyingKey, proof: Proof, params: SystemParams | None, public_values: "
                     "Sequence[Sequence[int]] | None) -> tuple[bool, str, str]"));
  module.def("transcript_log", &transcript_log, nb::arg("vk"), nb::arg("proof"));
}

}  // namespace openswirl::bindings
