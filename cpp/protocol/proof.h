// The proof object (protocol part 07, 2): data only.
#pragma once

#include <array>
#include <vector>

#include "field/ext.h"
#include "hash/poseidon2.h"
#include "protocol/boxed.h"
#include "protocol/lists.h"

namespace openswirl {

struct TraceVData {
  uint32_t log_height = 0;
  CompactList<Digest> cached_commitments;
  bool operator==(const TraceVData&) const = default;
};

// The four values of nodes 0 and 1 of a GKR layer. Serialised p0 p1 q0 q1, observed p0 q0 p1 q1.
struct LayerClaims {
  Ext p0, q0, p1, q1;
  bool operator==(const LayerClaims&) const = default;
};

struct GkrProof {
  Fp logup_pow_witness = Fp::zero();
  Ext q0_claim = Ext::one();
  std::vector<LayerClaims> claims_per_layer;
  std::vector<std::vector<std::array<Ext, 3>>> sumcheck_polys;  // entry j: j + 1 triples, values at 1, 2, 3
  bool operator==(const GkrProof&) const = default;
};

// Opened values of one AIR: per part in opening order, plain values or (value, rotated value) interleaved.
using PartOpenings = std::vector<CompactList<Ext>>;

struct BatchConstraintProof {
  std::vector<Ext> numerator_terms, denominator_terms;  // one per present AIR, sorted trace order
  std::vector<Ext> univariate_round_coeffs;             // constant term first
  std::vector<std::vector<Ext>> sumcheck_round_polys;   // values at 1 .. d+1
  std::vector<PartOpenings> column_openings;            // per present AIR, sorted trace order
  bool operator==(const BatchConstraintProof&) const = default;
};

struct StackingProof {
  std::vector<Ext> univariate_round_coeffs;
  std::vector<std::array<Ext, 2>> sumcheck_round_polys;  // values at 1, 2
  Ragged<Ext> stacking_openings;                         // per commitment, per stacked column
  bool operator==(const StackingProof&) const = default;
};

// The opened rows of all queries into one tree, flat: a row is `width` values, a query `rows_per_query` rows.
template <class T>
struct OpenedRows {
  uint64_t num_queries = 0, rows_per_query = 0, width = 0;
  std::vector<T> values;
  bool operator==(const OpenedRows&) const = default;
};

// Authentication paths of all queries into one tree, flat: `depth` digests a query, bottom up.
struct MerklePaths {
  uint64_t num_queries = 0, depth = 0;
  std::vector<Digest> digests;
  bool operator==(const MerklePaths&) const = default;
};

// What the queries of round 0 open: of every commitment the rows, and the paths of all queries. The lists
// cost a few bytes a commitment, as their encoding does. Without queries nothing but the number of
// commitments.
struct InitialOpenings {
  uint64_t num_queries = 0, rows_per_query = 0, depth = 0;
  Ragged<Fp> rows;            // per commitment, as the values of OpenedRows
  std::vector<Digest> paths;  // per commitment num_queries * depth digests, as those of MerklePaths

  // Values in a row of commitment j.
  uint64_t width(size_t j) const {
    return num_queries == 0 || rows_per_query == 0 ? 0 : rows[j].size() / (num_queries * rows_per_query);
  }
  std::span<const Digest> path(size_t j, size_t query) const {
    return std::span(paths).subspan((j * num_queries + query) * depth, depth);
  }
  bool operator==(const InitialOpenings&) const = default;
};

struct WhirProof {
  Fp mu_pow_witness = Fp::zero();
  std::vector<std::array<Ext, 2>> sumcheck_polys;       // R * k pairs, values at 1, 2
  std::vector<Digest> codeword_commits;                 // R - 1
  std::vector<Ext> ood_values;                          // R - 1
  std::vector<Fp> folding_pow_witnesses;                // R * k
  std::vector<Fp> query_phase_pow_witnesses;            // R
  InitialOpenings initial;                              // round 0
  std::vector<OpenedRows<Ext>> codeword_opened_values;  // rounds 1 .. R-1, width 1
  std::vector<MerklePaths> codeword_paths;              // rounds 1 .. R-1
  std::vector<Ext> final_poly;                          // 2^(m_R) coefficients, index = exponent
  bool operator==(const WhirProof&) const = default;
};

struct Proof {
  Digest common_main_commit{};
  SparseList<TraceVData> trace_vdata;  // per AIR id
  Ragged<Fp> public_values;            // per AIR id; empty if absent
  GkrProof gkr;
  BatchConstraintProof batch_constraints;
  StackingProof stacking;
  WhirProof whir;
  bool operator==(const Proof&) const = default;
};

}  // namespace openswirl
