#include "verifier/whir.h"

#include "poly/eq.h"
#include "poly/univariate.h"
#include "verifier/rejected.h"

namespace openswirl::verifier {
namespace {

// Leaf digest of one query: its rows hashed one by one and compressed, then the path up to the root.
template <class HashRow>
void check_path(std::span<const Digest> path, size_t query, uint64_t index, uint64_t rows, const Digest& root,
                HashRow hash_row) {
  std::vector<Digest> digests;
  digests.reserve(rows);
  for (uint64_t r = 0; r < rows; ++r) digests.push_back(hash_row(r));
  if (merkle_root_from_path(tree_compress(digests), index, path) != root) {
    throw Rejected{"WhirError.MerkleVerify", "query " + std::to_string(query) + " at index " +
                                                 std::to_string(index) + " misses the root"};
  }
}

}  // namespace

Ext fold_coset(std::vector<Ext> values, std::span<const Ext> alphas, Fp inverse_x) {
  Fp inverse_step = two_adic_generator(static_cast<uint32_t>(alphas.size())).inverse();
  for (const Ext& alpha : alphas) {
    const size_t half = values.size() / 2;
    Fp inverse_tau = inverse_x;
    for (size_t a = 0; a < half; ++a, inverse_tau *= inverse_step) {
      const Ext even = values[a] + values[a + half], odd = (values[a] - values[a + half]) * inverse_tau;
      values[a] = (even + alpha * odd).halve();
    }
    values.resize(half);
    inverse_x = inverse_x.square();
    inverse_step = inverse_step.square();
  }
  return values[0];
}

WhirVerifier::WhirVerifier(const ProofShape& shape, const Proof& proof, std::vector<Digest> roots)
    : shape_(shape),
      proof_(proof.whir),
      stacking_openings_(proof.stacking.stacking_openings),
      roots_(std::move(roots)) {}

Fp WhirVerifier::whir_pow_witness(WhirPow kind, uint32_t index, const GrindPoint&, uint32_t) {
  switch (kind) {
    case WhirPow::kMu:
      return proof_.mu_pow_witness;
    case WhirPow::kFolding:
      return proof_.folding_pow_witnesses[index];
    case WhirPow::kQueryPhase:
      return proof_.query_phase_pow_witnesses[index];
  }
  return Fp::zero();
}

void WhirVerifier::whir_pow_rejected(WhirPow kind) {
  const char* check = kind == WhirPow::kMu        ? "WhirError.MuPoWInvalid"
                      : kind == WhirPow::kFolding ? "WhirError.FoldingPoWInvalid"
                                                  : "WhirError.QueryPhasePoWInvalid";
  throw Rejected{check, "after " + std::to_string(alphas_.size()) + " folds"};
}

void WhirVerifier::whir_begin(std::span<const Ext> u, const Ext& mu) {
  u_cube_ = prism_to_cube(u, static_cast<uint32_t>(shape_.params.l_skip));
  mu_powers_ = powers(mu, shape_.total_stacked_width());
  size_t column = 0;
  for (const std::span<const Ext> openings : stacking_openings_) {
    for (const Ext& opening : openings) claim_ += mu_powers_[column++] * opening;
  }
}

void WhirVerifier::bind(const Ext& challenge) {
  const auto& s = proof_.sumcheck_polys[alphas_.size()];
  claim_ = interpolate_at(std::array{claim_ - s[0], s[0], s[1]}, challenge);
  alphas_.push_back(challenge);
}

std::array<Ext, 2> WhirVerifier::whir_round(uint32_t i, uint32_t s, const Ext* challenge) {
  if (challenge) bind(*challenge);
  return proof_.sumcheck_polys[i * shape_.params.whir.k + s];
}

Digest WhirVerifier::codeword_commit(uint32_t i, const Ext& challenge) {
  bind(challenge);
  return proof_.codeword_commits[i];
}

Ext WhirVerifier::ood_value(uint32_t i, const Ext& z0) {
  z_.push_back(z0);
  y_.push_back(proof_.ood_values[i]);
  return proof_.ood_values[i];
}

std::vector<Ext> WhirVerifier::final_poly(const Ext& challenge) {
  bind(challenge);
  return proof_.final_poly;
}

// The rows of every commitment, checked and batched over all columns with powers of mu.
std::vector<Ext> WhirVerifier::open_initial(size_t query, uint32_t index) const {
  const uint64_t rows = uint64_t{1} << shape_.params.whir.k;
  std::vector<Ext> values(rows, Ext::zero());
  size_t first_column = 0;
  for (size_t j = 0; j < roots_.size(); ++j) {
    const std::span<const Fp> opened = proof_.initial.rows[j];
    const uint64_t width = proof_.initial.width(j);
    const auto row = [&](uint64_t r) { return opened.subspan((query * rows + r) * width, width); };
    check_path(proof_.initial.path(j, query), query, index, rows, roots_[j],
               [&](uint64_t r) { return hash_slice(row(r)); });
    for (uint64_t r = 0; r < rows; ++r) {
      const auto cells = row(r);
      for (size_t c = 0; c < cells.size(); ++c) values[r] += mu_powers_[first_column + c] * cells[c];
    }
    first_column += width;
  }
  return values;
}

std::vector<Ext> WhirVerifier::open_codeword(uint32_t i, size_t query, uint32_t index) const {
  const uint64_t rows = uint64_t{1} << shape_.params.whir.k;
  const auto values = std::span(proof_.codeword_opened_values[i - 1].values).subspan(query * rows, rows);
  const MerklePaths& paths = proof_.codeword_paths[i - 1];
  const std::span<const Digest> path = std::span(paths.digests).subspan(query * paths.depth, paths.depth);
  check_path(path, query, index, rows, proof_.codeword_commits[i - 1],
             [&](uint64_t r) { return hash_ext_slice(values.subspan(r, 1)); });
  return {values.begin(), values.end()};
}

void WhirVerifier::queries(uint32_t i, std::span<const uint32_t> indices) {
  const auto k = static_cast<uint32_t>(shape_.params.whir.k);
  const auto log_domain =
      static_cast<uint32_t>(shape_.params.log_stacked_height() + shape_.params.log_blowup) - i;
  const Fp inverse_generator = two_adic_generator(log_domain).inverse();
  const std::span<const Ext> alphas = std::span(alphas_).subspan(size_t{i} * k, k);
  for (size_t l = 0; l < indices.size(); ++l) {
    std::vector<Ext> values = i == 0 ? open_initial(l, indices[l]) : open_codeword(i, l, indices[l]);
    y_.push_back(fold_coset(std::move(values), alphas, inverse_generator.pow(indices[l])));
    z_.push_back(Ext(two_adic_generator(log_domain - k).pow(indices[l])));
  }
}

void WhirVerifier::whir_round_closed(uint32_t i, const Ext& gamma) {
  const bool last = i + 1 == shape_.params.num_whir_rounds();
  // gamma^1 belongs to the out-of-domain point, also in the last round, which has none.
  Ext weight = last ? gamma.square() : gamma;
  for (size_t l = 0; l < z_.size(); ++l, weight *= gamma) {
    claim_ += weight * y_[l];
    points_.push_back({i, z_[l], weight});
  }
  z_.clear();
  y_.clear();
  if (last) check_final_equation();
}

void WhirVerifier::check_final_equation() const {
  const size_t folds = alphas_.size(), k = shape_.params.whir.k;
  const std::span<const Ext> u = u_cube_, alphas = alphas_;
  // The coefficients of the final polynomial serve as a table here: its multilinear extension, not its value.
  std::vector<Ext> table = proof_.final_poly;
  for (const Ext& coordinate : u.subspan(folds)) fold_lowest(table, coordinate);
  Ext sum = mobius_eq(u.first(folds), alphas) * table[0];
  for (const Point& point : points_) {
    Ext equality = point.weight, power = point.z;
    for (const Ext& alpha : alphas.subspan((point.round + 1) * k)) {
      equality *= eq1(alpha, power);
      power = power.square();
    }
    sum += equality * horner<Ext>(std::span<const Ext>(proof_.final_poly), power);
  }
  require_equal("WhirError.FinalPolyConstraint", sum, claim_);
}

}  // namespace openswirl::verifier
