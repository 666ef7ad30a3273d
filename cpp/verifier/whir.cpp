#include "verifier/whir.h"

#include <algorithm>

#include "poly/eq.h"
#include "poly/univariate.h"
#include "verifier/rejected.h"

namespace openswirl::verifier {
namespace {

// Rows that are hashed together, which bounds what is held beside the proof.
constexpr uint64_t kRowsAtOnce = 2048;

// The roots that queries at `indices` lead to: the rows of each hashed one by one and compressed, then its
// path up.
std::vector<Digest> roots_reached(std::span<const Fp> rows, uint64_t rows_per_query,
                                  std::span<const Digest> paths, std::span<const uint32_t> indices) {
  std::vector<Digest> digests(indices.size() * rows_per_query);
  hash_rows(rows, digests);
  while (digests.size() > indices.size()) {
    compress_pairs(digests, digests);
    digests.resize(digests.size() / 2);
  }
  merkle_roots_from_paths(digests, indices, paths);
  return digests;
}

void check_root(const Digest& reached, const Digest& root, size_t query, uint32_t index) {
  if (reached == root) return;
  throw Rejected{"WhirError.MerkleVerify", "query " + std::to_string(query) + " at index " +
                                               std::to_string(index) + " misses the root"};
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
  ood_z_.push_back(z0);
  ood_y_.push_back(proof_.ood_values[i]);
  return proof_.ood_values[i];
}

std::vector<Ext> WhirVerifier::final_poly(const Ext& challenge) {
  bind(challenge);
  return proof_.final_poly;
}

void WhirVerifier::check_initial_paths(size_t first, std::span<const uint32_t> indices) const {
  const InitialOpenings& opened = proof_.initial;
  std::vector<std::vector<Digest>> reached;
  for (size_t j = 0; j < roots_.size(); ++j) {
    const size_t of_query = opened.rows_per_query * opened.width(j);
    const std::span<const Fp> rows = opened.rows[j];
    reached.push_back(roots_reached(
        rows.subspan(first * of_query, indices.size() * of_query), opened.rows_per_query,
        std::span(opened.paths)
            .subspan((j * opened.num_queries + first) * opened.depth, indices.size() * opened.depth),
        indices));
  }
  for (size_t l = 0; l < indices.size(); ++l) {
    for (size_t j = 0; j < roots_.size(); ++j) check_root(reached[j][l], roots_[j], first + l, indices[l]);
  }
}

void WhirVerifier::check_codeword_paths(uint32_t i, size_t first, std::span<const uint32_t> indices) const {
  const OpenedRows<Ext>& opened = proof_.codeword_opened_values[i - 1];
  const MerklePaths& paths = proof_.codeword_paths[i - 1];
  const std::span<const Ext> values = opened.values;
  const std::vector<Digest> reached = roots_reached(
      flattened(values.subspan(first * opened.rows_per_query, indices.size() * opened.rows_per_query)),
      opened.rows_per_query,
      std::span(paths.digests).subspan(first * paths.depth, indices.size() * paths.depth), indices);
  for (size_t l = 0; l < indices.size(); ++l) {
    check_root(reached[l], proof_.codeword_commits[i - 1], first + l, indices[l]);
  }
}

// The rows of every commitment, batched over all columns with powers of mu.
std::vector<Ext> WhirVerifier::initial_values(size_t query) const {
  const uint64_t rows = proof_.initial.rows_per_query;
  std::vector<Ext> values(rows, Ext::zero());
  size_t first_column = 0;
  for (size_t j = 0; j < roots_.size(); ++j) {
    const std::span<const Fp> opened = proof_.initial.rows[j];
    const uint64_t width = proof_.initial.width(j);
    for (uint64_t r = 0; r < rows; ++r) {
      const auto cells = opened.subspan((query * rows + r) * width, width);
      values[r] += dot(mu_powers_.data() + first_column, cells.data(), width);
    }
    first_column += width;
  }
  return values;
}

std::vector<Ext> WhirVerifier::codeword_values(uint32_t i, size_t query) const {
  const OpenedRows<Ext>& opened = proof_.codeword_opened_values[i - 1];
  const auto values = std::span(opened.values).subspan(query * opened.rows_per_query, opened.rows_per_query);
  return {values.begin(), values.end()};
}

void WhirVerifier::queries(uint32_t i, std::span<const uint32_t> indices) {
  const auto k = static_cast<uint32_t>(shape_.params.whir.k);
  const auto log_domain =
      static_cast<uint32_t>(shape_.params.log_stacked_height() + shape_.params.log_blowup) - i;
  const Fp generator = two_adic_generator(log_domain - k);
  const Fp inverse_generator = two_adic_generator(log_domain).inverse();
  const std::span<const Ext> alphas = std::span(alphas_).subspan(size_t{i} * k, k);
  const uint64_t at_once = std::max<uint64_t>(1, kRowsAtOnce >> k);
  for (size_t first = 0; first < indices.size(); first += at_once) {
    const auto some = indices.subspan(first, std::min<size_t>(at_once, indices.size() - first));
    i == 0 ? check_initial_paths(first, some) : check_codeword_paths(i, first, some);
    for (size_t l = 0; l < some.size(); ++l) {
      std::vector<Ext> values = i == 0 ? initial_values(first + l) : codeword_values(i, first + l);
      query_y_.push_back(fold_coset(std::move(values), alphas, inverse_generator.pow(some[l])));
      query_z_.push_back(generator.pow(some[l]));
    }
  }
}

void WhirVerifier::whir_round_closed(uint32_t i, const Ext& gamma) {
  const bool last = i + 1 == shape_.params.num_whir_rounds();
  // gamma^1 belongs to the out-of-domain point, also in the last round, which has none.
  Ext weight = last ? gamma.square() : gamma;
  const auto close = [&](auto& points, auto& z, std::vector<Ext>& y) {
    for (size_t l = 0; l < z.size(); ++l, weight *= gamma) {
      claim_ += weight * y[l];
      points.push_back({i, z[l], weight});
    }
    z.clear();
    y.clear();
  };
  close(ood_points_, ood_z_, ood_y_);
  close(query_points_, query_z_, query_y_);
  if (last) check_final_equation();
}

void WhirVerifier::check_final_equation() const {
  const size_t folds = alphas_.size(), k = shape_.params.whir.k;
  const std::span<const Ext> u = u_cube_, alphas = alphas_;
  // The coefficients of the final polynomial serve as a table here: its multilinear extension, not its value.
  std::vector<Ext> table = proof_.final_poly;
  for (const Ext& coordinate : u.subspan(folds)) fold_lowest(table, coordinate);
  Ext sum = mobius_eq(u.first(folds), alphas) * table[0];
  const std::span<const Ext> final_poly = proof_.final_poly;
  // The weight of a point, and the power of it that the final polynomial is evaluated at.
  const auto reduced = [&](const auto& point) {
    Ext equality = point.weight;
    auto power = point.z;
    for (const Ext& alpha : alphas.subspan((point.round + 1) * k)) {
      equality *= eq1(alpha, power);
      power = power.square();
    }
    return std::pair(equality, power);
  };
  for (const auto& point : ood_points_) {
    const auto [equality, power] = reduced(point);
    sum += equality * horner<Ext>(final_poly, power);
  }
  for (const auto& point : query_points_) {
    const auto [equality, power] = reduced(point);
    sum += equality * evaluate_at_base(final_poly, power);
  }
  require_equal("WhirError.FinalPolyConstraint", sum, claim_);
}

}  // namespace openswirl::verifier
