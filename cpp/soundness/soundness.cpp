#include "soundness/soundness.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "openswirl/failure.h"

namespace openswirl {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kModulus = static_cast<double>(Fp::kModulus);

double field_bits() { return 4 * std::log2(kModulus); }

// log2 of a count; -infinity for 0, so that a term which cannot fail has infinitely many bits.
double log2_count(double count) { return count > 0 ? std::log2(count) : -kInfinity; }

uint64_t ceil_log2(uint64_t value) {
  return value <= 1 ? 0 : static_cast<uint64_t>(std::bit_width(value - 1));
}
uint64_t minus(uint64_t a, uint64_t b) { return a > b ? a - b : 0; }

// log2(2^a + 2^b).
double log2_add(double a, double b) {
  if (a < b) std::swap(a, b);
  return std::isinf(a) ? a : a + std::log1p(std::exp2(b - a)) / std::log(2.0);
}

// Bits of two failures together; an infinite argument is ignored.
double combine(double a, double b) { return -log2_add(-a, -b); }

// Residues mod 2^bits are not uniform: p mod 2^bits of them are a little likelier than the others.
double heavier_residues(uint64_t bits) {
  return static_cast<double>(Fp::kModulus & ((uint64_t{1} << bits) - 1));
}

double pow_bits(uint64_t bits) {
  if (bits == 0) return 0;
  return -std::log2((static_cast<double>(Fp::kModulus >> bits) + 1) / kModulus);
}

struct ProximityGap {
  double bits, log2_list;
};

// log2 of the number of bad challenges for two words (part 02, 7.2); infinite where the bound does not hold.
double log2_bad_challenges(uint64_t multiplicity, double log_degree, double log_inv_rate) {
  const double m = static_cast<double>(std::max<uint64_t>(multiplicity, 1));
  const double rho = std::exp2(-log_inv_rate), root = std::sqrt(rho);
  const double gamma = 1 - root - root / (2 * m);
  if ((m == 1 && rho >= 4.0 / 9) || gamma <= 0 || gamma >= 1 - root) return kInfinity;
  const double log_m = std::log2(m + 0.5);
  const double log_x = log_m + log_degree + log_inv_rate / 2;
  const double log_y = log_m + log_inv_rate / 2;
  const double log_z = std::max(log_y, 2 * log_m - std::log2(3.0) + log_inv_rate);
  const double closeness = log2_add(std::log2(gamma) + log_degree + log_inv_rate, 0);
  const double log_b = log2_add(1 + log_x + 2 * log_y + log_z, log_y + closeness);
  return std::log2(std::max(std::ceil(std::exp2(std::max(log_b, 0.0))), 1.0));
}

ProximityGap proximity_gap(std::optional<uint64_t> multiplicity, uint64_t log_degree, uint64_t log_inv_rate,
                           uint64_t batch) {
  const auto a = static_cast<double>(log_degree), r = static_cast<double>(log_inv_rate);
  const double batched = field_bits() - log2_count(static_cast<double>(batch) - 1);
  if (!multiplicity) return {batched - a - r, 0};
  const double bad = log2_bad_challenges(*multiplicity, a, r);
  if (std::isinf(bad)) return {-kInfinity, kInfinity};
  return {batched - bad, log2_list_size(multiplicity, log_inv_rate)};
}

// Queries of one round, with the bias of the sampled indices.
double biased_query_bits(double agreement, uint64_t log_domain, uint64_t num_queries) {
  const double heavier = heavier_residues(log_domain);
  const double hit = agreement * (1 - heavier / kModulus) +
                     std::min(agreement * std::exp2(static_cast<double>(log_domain)), heavier) / kModulus;
  return -static_cast<double>(num_queries) *
         std::log2(std::clamp(hit, std::numeric_limits<double>::min(), 1.0));
}

class WhirCalculator {
 public:
  WhirCalculator(const SystemParams& params, uint64_t stacked_columns) : params_(params), whir_(params.whir) {
    details_.fold = details_.proximity = details_.sumcheck = kInfinity;
    details_.out_of_domain = details_.shift = details_.query = details_.gamma_batching = kInfinity;
    details_.mu_batching = proximity_gap(whir_.proximity.list_multiplicity(0), params.log_stacked_height(),
                                         params.log_blowup, stacked_columns)
                               .bits +
                           pow_bits(whir_.mu_pow_bits);
  }

  WhirSoundness run() {
    for (uint64_t i = 0; i < params_.num_whir_rounds(); ++i) add_round(i);
    return details_;
  }

 private:
  void add_round(uint64_t i) {
    const uint64_t log_inv_rate = params_.log_blowup + i * (whir_.k - 1);
    const uint64_t variables = params_.log_stacked_height() - i * whir_.k;
    for (uint64_t s = 1; s <= whir_.k; ++s) add_fold(i, variables - s, log_inv_rate);

    const uint64_t log_degree = variables - whir_.k;
    const double agreement = max_agreement(whir_.proximity.list_multiplicity(i), log_inv_rate);
    const uint64_t num_queries = whir_.num_queries[i];
    const double query = biased_query_bits(agreement, log_degree + log_inv_rate, num_queries) +
                         pow_bits(whir_.query_phase_pow_bits);
    const double next_list =
        proximity_gap(whir_.proximity.list_multiplicity(i + 1), log_degree, log_inv_rate + whir_.k - 1, 2)
            .log2_list;
    const double gamma_batching = field_bits() - std::log2(static_cast<double>(num_queries) + 1) - next_list;
    lower(details_.query, query);
    lower(details_.gamma_batching, gamma_batching);
    lower(details_.shift, combine(query, gamma_batching));
    if (i + 1 < params_.num_whir_rounds()) {
      lower(details_.out_of_domain, field_bits() - static_cast<double>(log_degree) + 1 - 2 * next_list);
    }
    details_.rounds.push_back(
        {log_inv_rate, num_queries, -static_cast<double>(num_queries) * std::log2(agreement)});
  }

  void add_fold(uint64_t i, uint64_t log_degree, uint64_t log_inv_rate) {
    const ProximityGap gap = proximity_gap(whir_.proximity.list_multiplicity(i), log_degree, log_inv_rate, 2);
    const double work = pow_bits(whir_.folding_pow_bits);
    const double proximity = gap.bits + work;
    const double sumcheck = field_bits() - std::log2(3.0) - gap.log2_list + work;
    lower(details_.proximity, proximity);
    lower(details_.sumcheck, sumcheck);
    lower(details_.fold, combine(sumcheck, proximity));
  }

  static void lower(double& minimum, double value) { minimum = std::min(minimum, value); }

  const SystemParams& params_;
  const WhirParams& whir_;
  WhirSoundness details_;
};

}  // namespace

SoundnessContext soundness_context_from(const VerifyingKey& vk) {
  SoundnessContext context;
  context.num_airs = vk.airs.size();
  context.max_constraint_degree = vk.params.max_constraint_degree;
  context.max_log_height = vk.params.log_stacked_height();
  context.num_stacked_columns = vk.params.w_stack;
  uint64_t max_interactions = 0;
  for (const AirVk& air : vk.airs) {
    context.max_constraints_per_air =
        std::max<uint64_t>(context.max_constraints_per_air, air.constraints.constraint_idx.size());
    max_interactions = std::max<uint64_t>(max_interactions, air.constraints.interactions.size());
    context.num_columns += air.width.total();
  }
  const uint64_t by_count = minus(ceil_log2(vk.params.logup.max_interaction_count), vk.params.l_skip);
  const uint64_t by_airs =
      max_interactions == 0 || context.num_airs == 0
          ? 0
          : minus(ceil_log2(context.num_airs) + ceil_log2(max_interactions) + context.max_log_height,
                  vk.params.l_skip);
  context.n_logup = std::min(by_count, by_airs);
  return context;
}

SoundnessReport compute_soundness(const SystemParams& params, const SoundnessContext& context) {
  const std::string reason = params.invalid_reason();
  if (!reason.empty()) throw Error(FailureKind::kInput, "[soundness] invalid parameters: " + reason);
  if (context.num_airs == 0 || context.num_columns == 0 || context.num_stacked_columns == 0) {
    throw Error(FailureKind::kInput, "[soundness] needs at least one AIR, column and stacked column");
  }
  const double bits = field_bits();
  const double skip = std::exp2(static_cast<double>(params.l_skip)) - 1;
  const auto degree = static_cast<double>(context.max_constraint_degree);
  // The list size of the first codeword: every claim about it holds for one member of the list.
  const double list = proximity_gap(params.whir.proximity.list_multiplicity(0), params.log_stacked_height(),
                                    params.log_blowup, context.num_stacked_columns)
                          .log2_list;

  SoundnessReport report;
  report.logup = bits - std::log2(2.0 * params.logup.max_interaction_count) -
                 params.logup.log_max_message_length - list + pow_bits(params.logup.pow_bits);
  report.gkr_sumcheck = bits - std::log2(3.0);
  report.gkr_batching = bits;
  report.zerocheck_sumcheck = bits - std::log2(std::max((degree + 1) * skip, degree + 1)) - list;

  const uint64_t extra = minus(minus(context.max_log_height, params.l_skip), context.n_logup);
  const double constraints = static_cast<double>(context.max_constraints_per_air) - 1;
  const double fused = std::max(3.0, static_cast<double>(extra)) + skip + constraints;
  report.constraint_batching =
      bits - std::log2(std::max(fused, 3.0 * static_cast<double>(context.num_airs) - 1)) - list;
  report.stacked_reduction =
      bits - std::log2(std::max({2.0 * static_cast<double>(context.num_columns), 2 * skip, 2.0})) - list;

  report.whir_details = WhirCalculator(params, context.num_stacked_columns).run();
  const WhirSoundness& whir = report.whir_details;
  report.whir = std::min({whir.mu_batching, whir.fold, whir.shift, whir.out_of_domain});
  report.total = std::min({report.logup, report.gkr_sumcheck, report.gkr_batching, report.zerocheck_sumcheck,
                           report.constraint_batching, report.stacked_reduction, report.whir});
  return report;
}

}  // namespace openswirl
