// Proofs: their encoding and what can be read from one without its key.
#include "protocol/proof.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <utility>

#include "bindings/bindings.h"
#include "codec/proof.h"

namespace openswirl::bindings {
namespace {

using SharedProof = std::shared_ptr<const Proof>;
using Sections = std::vector<std::pair<std::string, uint64_t>>;

constexpr uint64_t kWord = 4, kExt = 16, kDigest = 32;

template <class List>
uint64_t count_all(const List& lists) {
  uint64_t count = 0;
  for (const auto& list : lists) count += list.size();
  return count;
}

// Bytes of the encoding by section (protocol part 07, 3.2, item numbers in comments); they add up to the
// whole.
Sections proof_section_sizes(const Proof& proof) {
  Sections sections;
  uint64_t header = 2 * kWord + kDigest + (proof.trace_vdata.size() + 7) / 8;  // 1 to 4
  for (size_t id = 0; id < proof.trace_vdata.size(); ++id) {
    const TraceVData* vdata = proof.trace_vdata[id];
    if (vdata) header += kWord + kWord + kDigest * vdata->cached_commitments.size();  // 5
  }
  sections.emplace_back("statement", header);
  sections.emplace_back(
      "public_values",
      kWord + kWord * (proof.public_values.size() + proof.public_values.values().size()));  // 6
  sections.emplace_back("gkr", kWord + kExt + kWord + 4 * kExt * proof.gkr.claims_per_layer.size() +
                                   3 * kExt * count_all(proof.gkr.sumcheck_polys));  // 7 to 9
  const BatchConstraintProof& batch = proof.batch_constraints;
  uint64_t rounds = kWord + kExt * 2 * batch.numerator_terms.size() + kWord +
                    kExt * batch.univariate_round_coeffs.size() + kWord;  // 10 to 12, count of 13
  if (!batch.sumcheck_round_polys.empty()) rounds += kWord + kExt * count_all(batch.sumcheck_round_polys);
  sections.emplace_back("batch_constraints", rounds);
  uint64_t openings = 0;
  for (const PartOpenings& parts : batch.column_openings) {
    openings += kWord + kWord * parts.size() + kExt * count_all(parts);  // 14
  }
  sections.emplace_back("column_openings", openings);
  const StackingProof& stacking = proof.stacking;
  sections.emplace_back("stacking", kWord + kExt * stacking.univariate_round_coeffs.size() + kWord +
                                        2 * kExt * stacking.sumcheck_round_polys.size() + kWord +
                                        kWord * stacking.stacking_openings.size() +
                                        kExt * stacking.stacking_openings.values().size());  // 15 to 17
  const WhirProof& whir = proof.whir;
  sections.emplace_back(
      "whir_rounds", kWord + kWord + 2 * kExt * whir.sumcheck_polys.size() + kWord +
                         (kDigest + kExt) * whir.codeword_commits.size() +
                         kWord * (whir.folding_pow_witnesses.size() + whir.query_phase_pow_witnesses.size()));
  uint64_t rows = 2 * kWord;                                                           // 23, 24
  if (whir.initial.num_queries > 0) rows += kWord + kWord * whir.initial.rows.size();  // 25, 26
  sections.emplace_back("initial_rows", rows + kWord * whir.initial.rows.values().size());
  sections.emplace_back("initial_paths", kDigest * whir.initial.paths.size());
  uint64_t values = 0, codeword_paths = kWord;  // 30
  for (const auto& opened : whir.codeword_opened_values) values += kWord + kExt * opened.values.size();
  for (const auto& opened : whir.codeword_paths) codeword_paths += kDigest * opened.digests.size();
  sections.emplace_back("codeword_values", values);
  sections.emplace_back("codeword_paths", codeword_paths);
  sections.emplace_back("final_poly", kWord + kExt * whir.final_poly.size());
  return sections;
}

SharedProof decode(const nb::bytes& bytes) {
  const auto span = as_span(bytes);
  const nb::gil_scoped_release release;
  return std::make_shared<const Proof>(decode_proof(span));
}

nb::bytes encode(const Proof& proof) {
  std::vector<uint8_t> bytes;
  {
    const nb::gil_scoped_release release;
    bytes = encode_proof(proof);
  }
  return as_bytes(bytes);
}

}  // namespace

void bind_proof(nb::module_& module) {
  nb::class_<Proof>(module, "Proof")
      .def_static("from_bytes", &decode, nb::arg("data"))
      .def("to_bytes", &encode)
      .def(
          "equals", [](const Proof& a, const Proof& b) { return a == b; }, nb::arg("other"))
      .def_prop_ro("public_values",
                   [](const Proof& proof) {
                     std::vector<std::vector<uint32_t>> lists;
                     for (const auto values : proof.public_values) {
                       auto& list = lists.emplace_back();
                       for (const Fp value : values) list.push_back(value.canonical());
                     }
                     return lists;
                   })
      .def_prop_ro("log_heights",
                   [](const Proof& proof) {
                     std::vector<std::optional<uint32_t>> heights;
                     for (size_t id = 0; id < proof.trace_vdata.size(); ++id) {
                       const TraceVData* vdata = proof.trace_vdata[id];
                       heights.push_back(vdata ? std::optional(vdata->log_height) : std::nullopt);
                     }
                     return heights;
                   })
      .def_prop_ro("common_main_commit",
                   [](const Proof& proof) { return canonical(proof.common_main_commit); })
      .def_prop_ro("cached_commitments",
                   [](const Proof& proof) {
                     std::vector<std::vector<std::vector<uint32_t>>> lists;
                     for (size_t id = 0; id < proof.trace_vdata.size(); ++id) {
                       const TraceVData* vdata = proof.trace_vdata[id];
                       auto& list = lists.emplace_back();
                       if (!vdata) continue;
                       for (const Digest& digest : vdata->cached_commitments)
                         list.push_back(canonical(digest));
                     }
                     return lists;
                   })
      .def_prop_ro("whir_rounds",
                   [](const Proof& proof) { return proof.whir.query_phase_pow_witnesses.size(); })
      .def_prop_ro("stacked_widths",
                   [](const Proof& proof) {
                     std::vector<uint64_t> widths;
                     for (const auto openings : proof.stacking.stacking_openings)
                       widths.push_back(openings.size());
                     return widths;
                   })
      .def("section_sizes", &proof_section_sizes);
}

}  // namespace openswirl::bindings
