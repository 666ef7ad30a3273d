// Decoding of proofs: the items of protocol part 07, 3.2 in order, with the limits of 3.3.
#include <bit>
#include <limits>

#include "codec/bytes.h"
#include "codec/proof.h"
#include "codec/verifying_key.h"

namespace openswirl {
namespace {

constexpr uint64_t kFieldBytes = 4, kExtBytes = 16, kDigestBytes = 32, kLengthBytes = 4;
constexpr uint64_t kMaxFolds = 27;

// Saturates instead of overflowing, so that a product of hostile counts is merely too large.
uint64_t product(std::initializer_list<uint64_t> factors) {
  uint64_t result = 1;
  for (const uint64_t factor : factors) {
    if (factor != 0 && result > std::numeric_limits<uint64_t>::max() / factor) {
      result = std::numeric_limits<uint64_t>::max();
    } else {
      result *= factor;
    }
  }
  return result;
}

class ProofDecoder {
 public:
  explicit ProofDecoder(std::span<const uint8_t> bytes) : in_(bytes, "proof") {}

  Proof run() {
    const uint32_t version = in_.u32();
    if (version != kCodecVersion) {
      in_.fail_at(0,
                  "codec version " + std::to_string(version) + ", expected " + std::to_string(kCodecVersion));
    }
    proof_.common_main_commit = in_.digest();
    read_statement();
    read_gkr(proof_.gkr);
    read_batch_constraints(proof_.batch_constraints);
    read_stacking(proof_.stacking);
    read_whir(proof_.whir);
    in_.expect_end();
    return std::move(proof_);
  }

 private:
  // Items 3 to 6.
  void read_statement() {
    const uint32_t airs = in_.count(kLengthBytes, "AIRs");  // item 6 holds one length per AIR
    const auto bitmap = in_.take((size_t{airs} + 7) / 8);
    if (airs % 8 != 0 && bitmap.back() >> (airs % 8) != 0) {
      in_.fail_at(in_.offset() - 1, "unused presence bits are set");
    }
    in_.require(airs, kLengthBytes, "lengths of public values");
    size_t present = 0;
    for (const uint8_t byte : bitmap) present += static_cast<size_t>(std::popcount(byte));
    in_.require(present, 2 * kLengthBytes, "present AIRs");
    proof_.trace_vdata.resize(airs);
    proof_.trace_vdata.reserve_present(present);
    for (uint32_t id = 0; id < airs; ++id) {
      if ((bitmap[id / 8] >> (id % 8) & 1) == 0) continue;
      TraceVData vdata;
      vdata.log_height = in_.u32();
      vdata.cached_commitments = digests(in_.count(kDigestBytes, "cached commitments"));
      proof_.trace_vdata.set(id, std::move(vdata));
    }
    const uint32_t lists = in_.count(kLengthBytes, "lists of public values");
    proof_.public_values.reserve(lists);
    for (uint32_t i = 0; i < lists; ++i) {
      for (uint32_t n = in_.count(kFieldBytes, "public values"); n > 0; --n) {
        proof_.public_values.append(in_.field());
      }
      proof_.public_values.close();
    }
  }

  // Items 7 to 9.
  void read_gkr(GkrProof& gkr) {
    gkr.logup_pow_witness = in_.field();
    gkr.q0_claim = in_.ext();
    gkr.claims_per_layer.resize(in_.count(4 * kExtBytes, "GKR layers"));
    for (LayerClaims& claims : gkr.claims_per_layer) {
      claims.p0 = in_.ext(), claims.p1 = in_.ext();
      claims.q0 = in_.ext(), claims.q1 = in_.ext();
    }
    for (size_t j = 0; j + 1 < gkr.claims_per_layer.size(); ++j) {
      gkr.sumcheck_polys.push_back(tuples<3>(j + 1, "GKR round polynomials"));
    }
  }

  // Items 10 to 14.
  void read_batch_constraints(BatchConstraintProof& batch) {
    const uint32_t airs = in_.count(2 * kExtBytes, "numerator and denominator terms");
    batch.numerator_terms = exts(airs);
    batch.denominator_terms = exts(airs);
    batch.univariate_round_coeffs = ext_list("univariate coefficients");
    if (const uint32_t rounds = in_.u32(); rounds > 0) {
      const uint32_t values = in_.u32();
      in_.require(rounds, product({values, kExtBytes}), "round polynomials");
      // Empty polynomials cost no bytes; no parameters allow more than 27 rounds.
      if (values == 0 && rounds > kMaxFolds) in_.fail("too many empty round polynomials");
      batch.sumcheck_round_polys.reserve(rounds);
      for (uint32_t n = rounds; n > 0; --n) batch.sumcheck_round_polys.push_back(exts(values));
    }
    batch.column_openings.resize(airs);
    for (PartOpenings& parts : batch.column_openings) {
      parts.resize(in_.count(kLengthBytes, "trace parts"));
      for (CompactList<Ext>& openings : parts) openings = ext_list("column openings");
    }
  }

  // Items 15 to 17.
  void read_stacking(StackingProof& stacking) {
    stacking.univariate_round_coeffs = ext_list("stacking coefficients");
    stacking.sumcheck_round_polys = tuples<2>(in_.u32(), "stacking round polynomials");
    const uint32_t commitments = in_.count(kLengthBytes, "commitments");
    stacking.stacking_openings.reserve(commitments);
    for (uint32_t j = 0; j < commitments; ++j) {
      for (uint32_t n = in_.count(kExtBytes, "stacking openings"); n > 0; --n) {
        stacking.stacking_openings.append(in_.ext());
      }
      stacking.stacking_openings.close();
    }
  }

  // Items 18 to 32.
  void read_whir(WhirProof& whir) {
    whir.mu_pow_witness = in_.field();
    const uint32_t folds = in_.u32();
    whir.sumcheck_polys = tuples<2>(folds, "WHIR round polynomials");
    whir.codeword_commits = digests(in_.count(kDigestBytes + kExtBytes, "WHIR codewords"));
    whir.ood_values = exts(whir.codeword_commits.size());
    const uint64_t rounds = whir.codeword_commits.size() + 1;
    if (folds % rounds != 0) {
      in_.fail(std::to_string(folds) + " WHIR round polynomials do not divide into " +
               std::to_string(rounds) + " rounds");
    }
    if (folds / rounds > kMaxFolds)
      in_.fail(std::to_string(folds / rounds) + " folds per WHIR round, at most 27");
    whir.folding_pow_witnesses = fields(folds);
    whir.query_phase_pow_witnesses = fields(rounds);
    const uint64_t rows = uint64_t{1} << (folds / rounds);
    read_initial_openings(whir, rows);
    read_codeword_openings(whir, rows);
    whir.final_poly = ext_list("final coefficients");
  }

  // Items 23 to 28.
  void read_initial_openings(WhirProof& whir, uint64_t rows) {
    const uint32_t commitments = in_.u32();
    if (commitments == 0) in_.fail("no commitments");
    if (commitments != proof_.stacking.stacking_openings.size()) {
      in_.fail(std::to_string(commitments) + " opened commitments, but stacking openings of " +
               std::to_string(proof_.stacking.stacking_openings.size()));
    }
    InitialOpenings& opened = whir.initial;
    opened.num_queries = in_.u32();
    if (opened.num_queries == 0) {
      opened.rows.resize(commitments);
      return;
    }
    opened.rows_per_query = rows;
    opened.depth = in_.u32();
    in_.require(commitments, kLengthBytes, "widths of opened rows");
    std::vector<uint32_t> widths(commitments);
    bool some_width = false;
    for (uint32_t& width : widths) {
      width = in_.u32();
      some_width = some_width || width != 0;
    }
    if (!some_width) in_.fail("opened rows of width 0 in every commitment");
    opened.rows.reserve(commitments);
    for (const uint32_t width : widths) {
      const uint64_t values = product({opened.num_queries, rows, width});
      in_.require(values, kFieldBytes, "field elements");
      for (uint64_t n = values; n > 0; --n) opened.rows.append(in_.field());
      opened.rows.close();
    }
    opened.paths = digests(product({commitments, opened.num_queries, opened.depth}));
  }

  // Items 29 to 31.
  void read_codeword_openings(WhirProof& whir, uint64_t rows) {
    const size_t codewords = whir.codeword_commits.size();
    for (size_t i = 0; i < codewords; ++i) {
      const uint64_t queries = in_.u32();
      whir.codeword_opened_values.push_back({queries, rows, 1, exts(product({queries, rows}))});
    }
    const uint32_t depth = in_.u32();
    if (codewords == 0 && depth != 0) in_.fail("a codeword depth without codewords");
    if (codewords > 0 && depth < codewords - 1)
      in_.fail("the codeword depth does not suffice for every round");
    for (size_t i = 0; i < codewords; ++i) {
      whir.codeword_paths.push_back(paths(whir.codeword_opened_values[i].num_queries, depth - i));
    }
  }

  MerklePaths paths(uint64_t queries, uint64_t depth) {
    return {queries, depth, digests(product({queries, depth}))};
  }

  std::vector<Fp> fields(uint64_t count) {
    in_.require(count, kFieldBytes, "field elements");
    std::vector<Fp> values(count);
    for (Fp& value : values) value = in_.field();
    return values;
  }
  std::vector<Ext> exts(uint64_t count) {
    in_.require(count, kExtBytes, "extension elements");
    std::vector<Ext> values(count);
    for (Ext& value : values) value = in_.ext();
    return values;
  }
  std::vector<Digest> digests(uint64_t count) {
    in_.require(count, kDigestBytes, "digests");
    std::vector<Digest> values(count);
    for (Digest& value : values) value = in_.digest();
    return values;
  }
  template <size_t N>
  std::vector<std::array<Ext, N>> tuples(uint64_t count, std::string_view what) {
    in_.require(count, N * kExtBytes, what);
    std::vector<std::array<Ext, N>> values(count);
    for (auto& value : values) {
      for (Ext& element : value) element = in_.ext();
    }
    return values;
  }
  std::vector<Ext> ext_list(std::string_view what) { return exts(in_.count(kExtBytes, what)); }

  ByteReader in_;
  Proof proof_;
};

}  // namespace

Proof decode_proof(std::span<const uint8_t> bytes) { return ProofDecoder(bytes).run(); }

}  // namespace openswirl
