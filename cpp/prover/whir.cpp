#include "prover/whir.h"

namespace openswirl::prover {
namespace {

// The device answers tree by tree, the proof keeps all trees in one list.
InitialOpenings to_initial_openings(const QueryOpenings& openings, uint64_t queries) {
  InitialOpenings initial;
  if (queries == 0) {
    initial.rows.resize(openings.initial_rows.size());
    return initial;
  }
  initial.num_queries = queries;
  if (!openings.initial_rows.empty()) initial.rows_per_query = openings.initial_rows[0].rows_per_query;
  if (!openings.initial_paths.empty()) initial.depth = openings.initial_paths[0].depth;
  for (const OpenedRows<Fp>& opened : openings.initial_rows) initial.rows.push_back(opened.values);
  for (const MerklePaths& paths : openings.initial_paths) {
    initial.paths.insert(initial.paths.end(), paths.digests.begin(), paths.digests.end());
  }
  return initial;
}

}  // namespace

Fp WhirProver::whir_pow_witness(WhirPow kind, uint32_t, const GrindPoint& point, uint32_t bits) {
  const Fp witness = run_.grind(point, bits);
  switch (kind) {
    case WhirPow::kMu:
      proof_.mu_pow_witness = witness;
      break;
    case WhirPow::kFolding:
      proof_.folding_pow_witnesses.push_back(witness);
      break;
    case WhirPow::kQueryPhase:
      proof_.query_phase_pow_witnesses.push_back(witness);
      break;
  }
  return witness;
}

void WhirProver::whir_pow_rejected(WhirPow) { run_.wrong_witness("WHIR"); }

void WhirProver::whir_begin(std::span<const Ext> u, const Ext& mu) {
  run_.context.cancel->poll();
  opening_ = run_.session.opening(u, mu).take();
}

std::array<Ext, 2> WhirProver::whir_round(uint32_t i, uint32_t s, const Ext* challenge) {
  const WhirParams& whir = run_.shape.params.whir;
  run_.step(kWhir, i * static_cast<uint32_t>(whir.k) + s,
            static_cast<uint32_t>(whir.num_queries.size() * whir.k));
  return proof_.sumcheck_polys.emplace_back(opening_->next(challenge).take());
}

Digest WhirProver::codeword_commit(uint32_t, const Ext& challenge) {
  run_.context.cancel->poll();
  return proof_.codeword_commits.emplace_back(opening_->commit_folded(challenge).take());
}

Ext WhirProver::ood_value(uint32_t, const Ext& z0) {
  z0_ = z0;
  return proof_.ood_values.emplace_back(opening_->evaluate(z0).take());
}

std::vector<Ext> WhirProver::final_poly(const Ext& challenge) {
  return proof_.final_poly = opening_->tail(challenge).take();
}

void WhirProver::queries(uint32_t i, std::span<const uint32_t> indices) {
  run_.context.cancel->poll();
  indices_.assign(indices.begin(), indices.end());
  QueryOpenings openings = opening_->open(indices).take();
  if (i == 0) {
    proof_.initial = to_initial_openings(openings, indices.size());
  } else {
    proof_.codeword_opened_values.push_back(std::move(openings.codeword_values));
    proof_.codeword_paths.push_back(std::move(openings.codeword_paths));
  }
}

void WhirProver::whir_round_closed(uint32_t i, const Ext& gamma) {
  if (i + 1 < run_.shape.params.whir.num_queries.size()) {
    opening_->update(z0_, indices_, gamma).take();
  } else {
    opening_.reset();
  }
}

}  // namespace openswirl::prover
