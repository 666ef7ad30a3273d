#include "verifier/shape.h"

#include "verifier/rejected.h"

namespace openswirl::verifier {
namespace {

std::string air_name(size_t id) { return "AIR " + std::to_string(id); }

// Part 07, 4.1.
void check_vdata(const VerifyingKey& vk, const Proof& proof) {
#define CHECK_PATH(name) "ProofShapeError.InvalidVData." name
  require_equal(CHECK_PATH("InvalidVDataLength"), vk.airs.size(), proof.trace_vdata.size());
  require_equal(CHECK_PATH("InvalidPublicValuesLength"), vk.airs.size(), proof.public_values.size());
  for (size_t id = 0; id < vk.airs.size(); ++id) {
    const AirVk& air = vk.airs[id];
    const TraceVData* vdata = proof.trace_vdata[id];
    if (!vdata) {
      if (air.is_required)
        throw Rejected{CHECK_PATH("RequiredAirNoVData"), air_name(id) + " is required but absent"};
      if (!proof.public_values[id].empty()) {
        throw Rejected{CHECK_PATH("PublicValuesNoVData"), air_name(id) + " is absent but has public values"};
      }
      continue;
    }
    require_equal(CHECK_PATH("InvalidCachedCommitments"), air.width.cached_mains.size(),
                  vdata->cached_commitments.size(), air_name(id));
    if (vdata->log_height > vk.params.log_stacked_height()) {
      throw Rejected{CHECK_PATH("LogHeightOutOfBounds"),
                     air_name(id) + ": log height " + std::to_string(vdata->log_height) + ", at most " +
                         std::to_string(vk.params.log_stacked_height()) + " is possible"};
    }
    require_equal(CHECK_PATH("InvalidPublicValues"), air.num_public_values, proof.public_values[id].size(),
                  air_name(id));
  }
#undef CHECK_PATH
}

ProofShape dimensions_of(const VerifyingKey& vk, const Proof& proof) {
  std::vector<std::optional<uint32_t>> log_heights(proof.trace_vdata.size());
  for (size_t id = 0; id < log_heights.size(); ++id) {
    if (proof.trace_vdata[id]) log_heights[id] = static_cast<uint32_t>(proof.trace_vdata[id]->log_height);
  }
  return make_proof_dimensions(vk, log_heights);
}

// Part 07, 4.2.
void check_gkr(const ProofShape& shape, const GkrProof& gkr) {
#define CHECK_PATH(name) "ProofShapeError.InvalidGkrProofShape." name
  const uint64_t layers = shape.num_gkr_layers;
  require_equal(CHECK_PATH("InvalidClaimsPerLayer"), layers, gkr.claims_per_layer.size());
  require_equal(CHECK_PATH("InvalidSumcheckPolys"), layers > 0 ? layers - 1 : 0, gkr.sumcheck_polys.size());
  for (size_t j = 0; j < gkr.sumcheck_polys.size(); ++j) {
    require_equal(CHECK_PATH("InvalidSumcheckPolyEvals"), j + 1, gkr.sumcheck_polys[j].size(),
                  "round " + std::to_string(j + 1));
  }
#undef CHECK_PATH
}

// Part 07, 4.3.
void check_batch_constraints(const VerifyingKey& vk, const ProofShape& shape,
                             const BatchConstraintProof& batch) {
#define CHECK_PATH(name) "ProofShapeError.InvalidBatchConstraintProofShape." name
  const uint64_t degree = shape.params.max_constraint_degree;
  const uint64_t domain = uint64_t{1} << shape.params.l_skip;
  require_equal(CHECK_PATH("InvalidNumeratorTerms"), shape.traces.size(), batch.numerator_terms.size());
  require_equal(CHECK_PATH("InvalidDenominatorTerms"), shape.traces.size(), batch.denominator_terms.size());
  require_equal(CHECK_PATH("InvalidUnivariateRoundCoeffs"), (degree + 1) * (domain - 1) + 1,
                batch.univariate_round_coeffs.size());
  require_equal(CHECK_PATH("InvalidSumcheckRoundPolys"), shape.n_max, batch.sumcheck_round_polys.size());
  require_equal(CHECK_PATH("InvalidColumnOpeningsAirs"), shape.traces.size(), batch.column_openings.size());
  for (size_t j = 0; j < batch.sumcheck_round_polys.size(); ++j) {
    require_equal(CHECK_PATH("InvalidSumcheckRoundPolyEvals"), degree + 1,
                  batch.sumcheck_round_polys[j].size(), "round " + std::to_string(j));
  }
  for (size_t t = 0; t < shape.traces.size(); ++t) {
    const size_t id = shape.traces[t].air_id;
    const AirVk& air = vk.airs[id];
    const PartOpenings& openings = batch.column_openings[t];
    const uint64_t per_column = air.need_rot ? 2 : 1;
    require_equal(CHECK_PATH("InvalidColumnOpeningsPerAir"), air.num_parts(), openings.size(), air_name(id));
    for (size_t part = 0; part < openings.size(); ++part) {
      const char* check = part == 0 ? CHECK_PATH("InvalidColumnOpeningsPerAirMain")
                          : part == 1 && air.width.preprocessed
                              ? CHECK_PATH("InvalidColumnOpeningsPerAirPreprocessed")
                              : CHECK_PATH("InvalidColumnOpeningsPerAirCached");
      require_equal(check, air.part_width(part) * per_column, openings[part].size(), air_name(id));
    }
  }
#undef CHECK_PATH
}

// Part 07, 4.4; places the columns between its checks.
void check_stacking(const VerifyingKey& vk, ProofShape& shape, const StackingProof& stacking) {
#define CHECK_PATH(name) "ProofShapeError.InvalidStackingProofShape." name
  const uint64_t domain = uint64_t{1} << shape.params.l_skip;
  require_equal(CHECK_PATH("InvalidUnivariateRoundCoeffs"), 2 * (domain - 1) + 1,
                stacking.univariate_round_coeffs.size());
  require_equal(CHECK_PATH("InvalidSumcheckRoundPolys"), shape.params.n_stack,
                stacking.sumcheck_round_polys.size());
  place_columns(vk, shape);
  if (shape.total_stacked_width() > shape.params.w_stack) {
    throw Rejected{CHECK_PATH("TotalStackedWidthOutOfBounds"),
                   std::to_string(shape.total_stacked_width()) + " stacked columns, at most " +
                       std::to_string(shape.params.w_stack) + " are allowed"};
  }
  require_equal(CHECK_PATH("InvalidStackOpenings"), shape.commitments.size(),
                stacking.stacking_openings.size());
  for (size_t j = 0; j < shape.commitments.size(); ++j) {
    require_equal(CHECK_PATH("InvalidStackOpeningsPerMatrix"), shape.commitments[j].layout.width,
                  stacking.stacking_openings[j].size(), "commitment " + std::to_string(j));
  }
#undef CHECK_PATH
}

// Part 07, 4.5.
void check_whir(const ProofShape& shape, const WhirProof& whir) {
#define CHECK_PATH(name) "ProofShapeError.InvalidWhirProofShape." name
  const WhirParams& params = shape.params.whir;
  const uint64_t rounds = params.num_queries.size(), rows = uint64_t{1} << params.k;
  const uint64_t commitments = shape.commitments.size();
  const uint64_t depth = shape.params.log_stacked_height() + shape.params.log_blowup - params.k;
  require_equal(CHECK_PATH("InvalidSumcheckPolys"), rounds * params.k, whir.sumcheck_polys.size());
  require_equal(CHECK_PATH("InvalidCodewordCommits"), rounds - 1, whir.codeword_commits.size());
  require_equal(CHECK_PATH("InvalidOodValues"), rounds - 1, whir.ood_values.size());
  require_equal(CHECK_PATH("InvalidFoldingPowWitnesses"), rounds * params.k,
                whir.folding_pow_witnesses.size());
  require_equal(CHECK_PATH("InvalidQueryPhasePowWitnesses"), rounds, whir.query_phase_pow_witnesses.size());
  require_equal(CHECK_PATH("InvalidInitialRoundOpenedRows"), commitments, whir.initial.rows.size());
  require_equal(CHECK_PATH("InvalidCodewordOpenedRows"), rounds - 1, whir.codeword_opened_values.size());
  require_equal(CHECK_PATH("InvalidCodewordMerkleProofs"), rounds - 1, whir.codeword_paths.size());
  require_equal(CHECK_PATH("InvalidFinalPolyLen"), uint64_t{1} << shape.params.log_final_poly_len(),
                whir.final_poly.size());

  // Sizes first, then the length of the flat array, which bounds every later index.
  for (size_t j = 0; j < commitments; ++j) {
    const std::string where = "commitment " + std::to_string(j);
    const InitialOpenings& opened = whir.initial;
    const uint64_t queries = params.num_queries[0], width = shape.commitments[j].layout.width;
    require_equal(CHECK_PATH("InvalidInitialRoundOpenedRowsQueries"), queries, opened.num_queries, where);
    if (queries == 0) continue;
    require_equal(CHECK_PATH("InvalidInitialRoundOpenedRowK"), rows, opened.rows_per_query, where);
    require_equal(CHECK_PATH("InvalidInitialRoundOpenedRowWidth"), width, opened.width(j), where);
    require_equal(CHECK_PATH("InvalidInitialRoundOpenedRowWidth"), queries * rows * width,
                  opened.rows[j].size(), where);
    require_equal(CHECK_PATH("InvalidInitialRoundMerkleProofDepth"), depth, opened.depth, where);
    require_equal(CHECK_PATH("InvalidInitialRoundMerkleProofDepth"), commitments * queries * depth,
                  opened.paths.size(), where);
  }
  for (size_t i = 1; i < rounds; ++i) {
    const std::string where = "round " + std::to_string(i);
    const auto& opened = whir.codeword_opened_values[i - 1];
    const auto& paths = whir.codeword_paths[i - 1];
    const uint64_t queries = params.num_queries[i];
    require_equal(CHECK_PATH("InvalidCodewordOpenedRowsQueries"), queries, opened.num_queries, where);
    require_equal(CHECK_PATH("InvalidCodewordMerkleProofsQueries"), queries, paths.num_queries, where);
    if (queries == 0) continue;
    require_equal(CHECK_PATH("InvalidCodewordOpenedValues"), rows, opened.rows_per_query, where);
    require_equal(CHECK_PATH("InvalidCodewordOpenedValues"), queries * rows, opened.values.size(), where);
    require_equal(CHECK_PATH("InvalidCodewordMerkleProofDepth"), depth - i, paths.depth, where);
    require_equal(CHECK_PATH("InvalidCodewordMerkleProofDepth"), queries * (depth - i), paths.digests.size(),
                  where);
  }
#undef CHECK_PATH
}

}  // namespace

ProofShape check_shape(const VerifyingKey& vk, const Proof& proof) {
  check_vdata(vk, proof);
  ProofShape shape = dimensions_of(vk, proof);
  check_gkr(shape, proof.gkr);
  check_batch_constraints(vk, shape, proof.batch_constraints);
  check_stacking(vk, shape, proof.stacking);
  check_whir(shape, proof.whir);
  // Part 07, 5, step 3: xi would be empty, and the zerocheck reads its first coordinate.
  if (shape.params.l_skip == 0 && shape.n_global() == 0) {
    throw Rejected{"ProofShapeError.EmptyEqualityPoint",
                   "l_skip is 0, all heights are 1 and there are no interactions"};
  }
  return shape;
}

}  // namespace openswirl::verifier
