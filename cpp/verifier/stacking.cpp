#include "verifier/stacking.h"

#include <map>

#include "poly/eq.h"
#include "poly/univariate.h"
#include "verifier/rejected.h"

namespace openswirl::verifier {
namespace {

// What a column's weight needs of its height: in_n(u_0) times the prism kernels at (u, r).
PrismKernels kernels_for(uint32_t l_skip, uint32_t log_height, std::span<const Ext> r,
                         std::span<const Ext> u) {
  const int32_t n = static_cast<int32_t>(log_height) - static_cast<int32_t>(l_skip);
  const TracePoint point = trace_point(l_skip, n, r);
  // Of a short trace only r_0 is raised to a power; u_0 is used as it is.
  PrismKernels kernels =
      prism_kernels(point.log_domain, u[0], u.subspan(1, point.cube.size()), point.z, point.cube);
  const Ext indicator = strided_indicator(l_skip, n, u[0]);
  kernels.eq *= indicator;
  kernels.rotation *= indicator;
  return kernels;
}

}  // namespace

// S_0: all column claims in commit order, two powers of lambda for every column (part 05, 2).
Ext StackingVerifier::column_claims() const {
  Ext sum = Ext::zero(), power = Ext::one();
  const Ext lambda_squared = lambda_.square();
  for (const CommitmentShape& commitment : shape_.commitments) {
    const bool common = commitment.trace == CommitmentShape::kCommon;
    for (const StackedSlice& slice : commitment.layout.slices) {
      const bool need_rot = commitment.need_rot[slice.matrix];
      const PartOpenings& parts = column_openings_[common ? slice.matrix : commitment.trace];
      const CompactList<Ext>& openings = parts[common ? 0 : commitment.opening_part];
      Ext claim = openings[need_rot ? size_t{2} * slice.column : slice.column];
      if (need_rot) claim += lambda_ * openings[size_t{2} * slice.column + 1];
      sum += power * claim;
      power *= lambda_squared;
    }
  }
  return sum;
}

std::vector<Ext> StackingVerifier::stacking_univariate_round(std::span<const Ext> r, const Ext& lambda) {
  r_.assign(r.begin(), r.end());
  lambda_ = lambda;
  require_equal("StackedReductionError.S0Mismatch", column_claims(),
                sum_over_domain(proof_.univariate_round_coeffs, static_cast<uint32_t>(shape_.params.l_skip)));
  return proof_.univariate_round_coeffs;
}

void StackingVerifier::bind(const Ext& challenge) {
  if (u_.empty()) {
    claim_ = horner<Ext>(std::span<const Ext>(proof_.univariate_round_coeffs), challenge);
  } else {
    const auto& s = proof_.sumcheck_round_polys[u_.size() - 1];
    claim_ = interpolate_at(std::array{claim_ - s[0], s[0], s[1]}, challenge);
  }
  u_.push_back(challenge);
}

std::array<Ext, 2> StackingVerifier::stacking_round(uint32_t j, const Ext& challenge) {
  bind(challenge);
  return proof_.sumcheck_round_polys[j - 1];
}

const Ragged<Ext>& StackingVerifier::stacking_openings(const Ext& challenge) {
  bind(challenge);
  require_equal("StackedReductionError.FinalSumMismatch", expected_claim(), claim_);
  return proof_.stacking_openings;
}

Ext StackingVerifier::expected_claim() const {
  const auto l_skip = static_cast<uint32_t>(shape_.params.l_skip);
  const std::span<const Ext> u = u_;
  std::map<uint32_t, PrismKernels> by_height;
  Ext sum = Ext::zero(), power = Ext::one();
  const Ext lambda_squared = lambda_.square();
  for (size_t c = 0; c < shape_.commitments.size(); ++c) {
    const CommitmentShape& commitment = shape_.commitments[c];
    for (const StackedSlice& slice : commitment.layout.slices) {
      auto found = by_height.find(slice.log_height);
      if (found == by_height.end()) {
        found = by_height.emplace(slice.log_height, kernels_for(l_skip, slice.log_height, r_, u)).first;
      }
      const PrismKernels& kernels = found->second;
      const uint32_t lifted_n = slice.log_height > l_skip ? slice.log_height - l_skip : 0;
      const Ext position = eq_at_index(u.subspan(1 + lifted_n), slice.start_row >> (l_skip + lifted_n));
      const Ext kernel =
          commitment.need_rot[slice.matrix] ? kernels.eq + lambda_ * kernels.rotation : kernels.eq;
      sum += power * position * kernel * proof_.stacking_openings[c][slice.stacked_column];
      power *= lambda_squared;
    }
  }
  return sum;
}

}  // namespace openswirl::verifier
