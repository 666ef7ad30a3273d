// Encoding of proofs: the items of protocol part 07, 3.2 in order.
#include "codec/bytes.h"
#include "codec/proof.h"
#include "codec/verifying_key.h"
#include "openswirl/failure.h"

namespace openswirl {
namespace {

void check(bool condition, const char* what) {
  if (!condition) throw Error(FailureKind::kInput, std::string("[codec] a proof cannot be encoded: ") + what);
}

class ProofEncoder {
 public:
  std::vector<uint8_t> run(const Proof& proof) {
    out_.u32(kCodecVersion);
    out_.digest(proof.common_main_commit);
    write_statement(proof);
    write_gkr(proof.gkr);
    write_batch_constraints(proof.batch_constraints);
    write_stacking(proof.stacking);
    write_whir(proof.whir);
    return std::move(out_).take();
  }

 private:
  void write_statement(const Proof& proof) {
    out_.length(proof.trace_vdata.size());
    std::vector<uint8_t> bitmap((proof.trace_vdata.size() + 7) / 8);
    for (size_t id = 0; id < proof.trace_vdata.size(); ++id) {
      if (proof.trace_vdata[id]) bitmap[id / 8] |= static_cast<uint8_t>(1 << (id % 8));
    }
    out_.raw(bitmap);
    for (size_t id = 0; id < proof.trace_vdata.size(); ++id) {
      const TraceVData* vdata = proof.trace_vdata[id];
      if (!vdata) continue;
      out_.length(vdata->log_height);
      out_.length(vdata->cached_commitments.size());
      digests(vdata->cached_commitments.span());
    }
    out_.length(proof.public_values.size());
    for (const std::span<const Fp> values : proof.public_values) {
      out_.length(values.size());
      fields(values);
    }
  }

  void write_gkr(const GkrProof& gkr) {
    out_.field(gkr.logup_pow_witness);
    out_.ext(gkr.q0_claim);
    out_.length(gkr.claims_per_layer.size());
    for (const LayerClaims& claims : gkr.claims_per_layer) {
      for (const Ext& value : {claims.p0, claims.p1, claims.q0, claims.q1}) out_.ext(value);
    }
    const size_t layers = gkr.claims_per_layer.size();
    check(gkr.sumcheck_polys.size() == (layers > 0 ? layers - 1 : 0),
          "GKR layers and round polynomials differ");
    for (size_t j = 0; j < gkr.sumcheck_polys.size(); ++j) {
      check(gkr.sumcheck_polys[j].size() == j + 1, "a GKR layer has another number of round polynomials");
      tuples(gkr.sumcheck_polys[j]);
    }
  }

  void write_batch_constraints(const BatchConstraintProof& batch) {
    const size_t airs = batch.numerator_terms.size();
    check(batch.denominator_terms.size() == airs && batch.column_openings.size() == airs,
          "numerators, denominators and openings differ in number");
    out_.length(airs);
    exts(batch.numerator_terms);
    exts(batch.denominator_terms);
    ext_list(batch.univariate_round_coeffs);
    out_.length(batch.sumcheck_round_polys.size());
    if (!batch.sumcheck_round_polys.empty()) {
      const size_t values = batch.sumcheck_round_polys[0].size();
      out_.length(values);
      for (const std::vector<Ext>& poly : batch.sumcheck_round_polys) {
        check(poly.size() == values, "round polynomials differ in length");
        exts(poly);
      }
    }
    for (const PartOpenings& parts : batch.column_openings) {
      out_.length(parts.size());
      for (const CompactList<Ext>& openings : parts) ext_list(openings.span());
    }
  }

  void write_stacking(const StackingProof& stacking) {
    ext_list(stacking.univariate_round_coeffs);
    out_.length(stacking.sumcheck_round_polys.size());
    tuples(stacking.sumcheck_round_polys);
    out_.length(stacking.stacking_openings.size());
    for (const std::span<const Ext> openings : stacking.stacking_openings) ext_list(openings);
  }

  void write_whir(const WhirProof& whir) {
    const size_t folds = whir.sumcheck_polys.size(), rounds = whir.codeword_commits.size() + 1;
    check(folds % rounds == 0, "round polynomials do not divide into rounds");
    check(whir.ood_values.size() == rounds - 1 && whir.folding_pow_witnesses.size() == folds &&
              whir.query_phase_pow_witnesses.size() == rounds,
          "WHIR lists differ in length");
    out_.field(whir.mu_pow_witness);
    out_.length(folds);
    tuples(whir.sumcheck_polys);
    out_.length(rounds - 1);
    digests(whir.codeword_commits);
    exts(whir.ood_values);
    fields(whir.folding_pow_witnesses);
    fields(whir.query_phase_pow_witnesses);
    check(folds / rounds < 64, "too many folds per round");
    const uint64_t rows = uint64_t{1} << (folds / rounds);
    write_initial_openings(whir, rows);
    write_codeword_openings(whir, rows);
    ext_list(whir.final_poly);
  }

  void write_initial_openings(const WhirProof& whir, uint64_t rows) {
    const InitialOpenings& opened = whir.initial;
    const size_t commitments = opened.rows.size();
    const uint64_t queries = opened.num_queries;
    check(commitments > 0, "commitments are missing");
    check(queries == 0 || opened.rows_per_query == rows, "opened rows have another size");
    check(opened.paths.size() == commitments * queries * opened.depth, "Merkle paths have another size");
    out_.length(commitments);
    out_.length(queries);
    if (queries > 0) {
      out_.length(opened.depth);
      for (size_t j = 0; j < commitments; ++j) out_.length(opened.width(j));
    }
    for (size_t j = 0; j < commitments; ++j) {
      check(opened.rows[j].size() == queries * rows * opened.width(j), "opened rows have another size");
      fields(opened.rows[j]);
    }
    digests(opened.paths);
  }

  void write_codeword_openings(const WhirProof& whir, uint64_t rows) {
    const size_t codewords = whir.codeword_commits.size();
    check(whir.codeword_opened_values.size() == codewords && whir.codeword_paths.size() == codewords,
          "opened codewords are missing");
    for (const auto& opened : whir.codeword_opened_values) {
      check(opened.values.size() == opened.num_queries * rows, "opened values have another size");
      out_.length(opened.num_queries);
      exts(opened.values);
    }
    const uint64_t depth = codewords > 0 ? whir.codeword_paths[0].depth : 0;
    check(codewords == 0 || depth >= codewords - 1, "the codeword depth does not suffice for every round");
    out_.length(depth);
    for (size_t i = 0; i < codewords; ++i) {
      write_paths(whir.codeword_paths[i], whir.codeword_opened_values[i].num_queries, depth - i);
    }
  }

  void write_paths(const MerklePaths& paths, uint64_t queries, uint64_t depth) {
    check(paths.num_queries == queries && (queries == 0 || paths.depth == depth) &&
              paths.digests.size() == queries * depth,
          "Merkle paths have another size");
    digests(paths.digests);
  }

  void fields(std::span<const Fp> values) {
    for (const Fp value : values) out_.field(value);
  }
  void exts(std::span<const Ext> values) {
    for (const Ext& value : values) out_.ext(value);
  }
  void ext_list(std::span<const Ext> values) {
    out_.length(values.size());
    exts(values);
  }
  void digests(std::span<const Digest> values) {
    for (const Digest& value : values) out_.digest(value);
  }
  template <size_t N>
  void tuples(const std::vector<std::array<Ext, N>>& values) {
    for (const auto& value : values) {
      for (const Ext& element : value) out_.ext(element);
    }
  }

  ByteWriter out_;
};

}  // namespace

std::vector<uint8_t> encode_proof(const Proof& proof) { return ProofEncoder().run(proof); }

}  // namespace openswirl
