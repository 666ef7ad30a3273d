// Validity, derivation and presets of the system parameters (protocol part 02, 6).
#include "protocol/params.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "field/fp.h"
#include "openswirl/failure.h"

namespace openswirl {
namespace {

constexpr uint64_t kTargetBits = 100;
constexpr uint64_t kPresetFolds = 4;
constexpr uint64_t kPresetLogFinalPolyLen = 10;
// Every query puts a Merkle path into the proof; presets ask for at most 193 a round.
constexpr uint64_t kMaxQueries = uint64_t{1} << 16;

std::string at_most(const char* name, uint64_t value, uint64_t bound) {
  return value <= bound ? ""
                        : std::string(name) + " is " + std::to_string(value) + ", at most " +
                              std::to_string(bound) + " is possible";
}
std::string at_least(const char* name, uint64_t value, uint64_t bound) {
  return value >= bound ? ""
                        : std::string(name) + " is " + std::to_string(value) + ", at least " +
                              std::to_string(bound) + " is needed";
}

double at_least_one(uint64_t multiplicity) {
  return static_cast<double>(std::max<uint64_t>(multiplicity, 1));
}

// What any code needs of its sizes; tested before anything is derived from them.
std::string code_too_large(uint64_t l_skip, uint64_t n_stack, uint64_t log_blowup) {
  const std::string reasons[] = {at_most("l_skip", l_skip, Fp::kTwoAdicity),
                                 at_most("n_stack", n_stack, Fp::kTwoAdicity),
                                 at_most("log_blowup", log_blowup, Fp::kTwoAdicity)};
  for (const std::string& reason : reasons) {
    if (!reason.empty()) return reason;
  }
  return at_most("l_skip + n_stack + log_blowup", l_skip + n_stack + log_blowup, Fp::kTwoAdicity);
}

void require(const std::string& reason) {
  if (!reason.empty()) throw Error(FailureKind::kInput, "[params] " + reason);
}

uint64_t queries_for(double level, double bits_per_query) {
  // An agreement of 1 gives no bits; the reference's saturating conversion makes that 0 queries.
  const double count = bits_per_query > 0 ? std::ceil(level / bits_per_query) : 0;
  return static_cast<uint64_t>(count);
}

struct PresetShape {
  uint64_t l_skip, n_stack, w_stack, log_blowup, max_constraint_degree;
  uint64_t folding_pow_bits, mu_pow_bits, query_phase_pow_bits;
  Proximity proximity;
};

SystemParams make_preset(const PresetShape& shape) {
  SystemParams params;
  params.l_skip = shape.l_skip;
  params.n_stack = shape.n_stack;
  params.w_stack = shape.w_stack;
  params.log_blowup = shape.log_blowup;
  params.max_constraint_degree = shape.max_constraint_degree;
  params.whir = derive_whir({shape.log_blowup, shape.l_skip + shape.n_stack, kPresetFolds,
                             kPresetLogFinalPolyLen, shape.mu_pow_bits, shape.query_phase_pow_bits,
                             shape.folding_pow_bits, shape.proximity, kTargetBits});
  params.logup = derive_production_logup(shape.proximity, shape.log_blowup);
  return params;
}

constexpr Proximity kUnique{Proximity::Kind::kUniqueDecoding, 0, 0};
constexpr Proximity list_decoding(uint64_t m) { return {Proximity::Kind::kListDecoding, m, 0}; }

}  // namespace

double max_agreement(std::optional<uint64_t> list_multiplicity, uint64_t log_inv_rate) {
  const double rho = std::exp2(-static_cast<double>(log_inv_rate));
  const double agreement =
      list_multiplicity ? std::sqrt(rho) * (1.0 + 0.5 / at_least_one(*list_multiplicity)) : (1.0 + rho) / 2.0;
  return std::clamp(agreement, std::numeric_limits<double>::min(), 1.0);
}

double log2_list_size(std::optional<uint64_t> list_multiplicity, uint64_t log_inv_rate) {
  if (!list_multiplicity) return 0;
  return std::log2(at_least_one(*list_multiplicity) + 0.5) + static_cast<double>(log_inv_rate) / 2;
}

std::optional<uint64_t> Proximity::list_multiplicity(uint64_t round) const {
  switch (kind) {
    case Kind::kUniqueDecoding:
      return std::nullopt;
    case Kind::kSplitUniqueList:
      return round < list_start_round ? std::nullopt : std::optional(m);
    case Kind::kListDecoding:
      return m;
  }
  return std::nullopt;
}

std::string SystemParams::invalid_reason() const {
  // Single values first: the sums and products below cannot overflow once these hold.
  const uint64_t rounds = num_whir_rounds();
  const std::string simple[] = {
      code_too_large(l_skip, n_stack, log_blowup),
      at_least("whir.k", whir.k, 1),
      at_most("whir.k", whir.k, Fp::kTwoAdicity),
      at_least("the number of WHIR rounds", rounds, 1),
      at_most("the number of WHIR rounds", rounds, Fp::kTwoAdicity),
      at_least("max_constraint_degree", max_constraint_degree, 1),
      at_most("max_constraint_degree", max_constraint_degree, 255),
      at_least("logup.max_interaction_count", logup.max_interaction_count, 1),
      at_most("logup.log_max_message_length", logup.log_max_message_length, 63),
      at_most("logup.pow_bits", logup.pow_bits, 30),
      at_most("whir.mu_pow_bits", whir.mu_pow_bits, 30),
      at_most("whir.query_phase_pow_bits", whir.query_phase_pow_bits, 30),
      at_most("whir.folding_pow_bits", whir.folding_pow_bits, 30),
  };
  for (const std::string& reason : simple) {
    if (!reason.empty()) return reason;
  }
  for (uint64_t i = 0; i < rounds; ++i) {
    const std::string name = "the number of queries of WHIR round " + std::to_string(i);
    const std::string reason = at_most(name.c_str(), whir.num_queries[i], kMaxQueries);
    if (!reason.empty()) return reason;
  }
  const uint64_t m = log_stacked_height();
  const std::string combined[] = {
      at_most("whir.k times the number of WHIR rounds", whir.k * rounds, m),
      at_least("the log2 size of the last queried code domain, l_skip + n_stack + log_blowup - rounds + 1,",
               m + log_blowup + 1 - std::min(rounds, m + log_blowup + 1), whir.k),
      at_most("the degree of the univariate round, (max_constraint_degree + 1) (2^l_skip - 1),",
              (max_constraint_degree + 1) * ((uint64_t{1} << l_skip) - 1),
              (uint64_t{1} << Fp::kTwoAdicity) - 1),
      rounds == 1 ? "" : at_least("the number of queries of WHIR round 0", whir.num_queries[0], 1),
      rounds == 1 ? "" : at_least("the number of queries of WHIR round 1", whir.num_queries[1], 1),
  };
  for (const std::string& reason : combined) {
    if (!reason.empty()) return reason;
  }
  return "";
}

WhirParams derive_whir(const WhirRequest& request) {
  require(at_least("whir.k", request.k, 1));
  require(at_most("whir.k", request.k, Fp::kTwoAdicity));
  require(at_most("the log2 stacked height", request.log_stacked_height, Fp::kTwoAdicity));
  require(at_most("log_blowup", request.log_blowup, Fp::kTwoAdicity));
  WhirParams whir;
  whir.k = request.k;
  whir.mu_pow_bits = request.mu_pow_bits;
  whir.query_phase_pow_bits = request.query_phase_pow_bits;
  whir.folding_pow_bits = request.folding_pow_bits;
  whir.proximity = request.proximity;
  const auto minus = [](uint64_t a, uint64_t b) { return a > b ? a - b : 0; };
  const auto level = static_cast<double>(minus(request.security_bits, request.query_phase_pow_bits));
  const uint64_t folds = minus(request.log_stacked_height, request.log_final_poly_len);
  const uint64_t rounds = (folds + request.k - 1) / request.k;
  for (uint64_t i = 0; i < rounds; ++i) {
    const uint64_t log_inv_rate = request.log_blowup + i * (request.k - 1);
    const double agreement = max_agreement(request.proximity.list_multiplicity(i), log_inv_rate);
    whir.num_queries.push_back(queries_for(level, -std::log2(agreement)));
  }
  return whir;
}

LogupParams derive_production_logup(const Proximity& proximity, uint64_t log_blowup) {
  constexpr uint32_t kLogMaxMessageLength = 7;
  constexpr double kMinPowBits = 18;
  const double log_list_size = log2_list_size(proximity.list_multiplicity(0), log_blowup);
  const double log_p = std::log2(static_cast<double>(Fp::kModulus));
  const double bits = 4 * log_p - (1 + log_p) - kLogMaxMessageLength - log_list_size;
  const double missing = std::ceil(std::max(static_cast<double>(kTargetBits) - bits, 0.0));
  return {Fp::kModulus, kLogMaxMessageLength, static_cast<uint64_t>(std::max(missing, kMinPowBits))};
}

SystemParams SystemParams::app(uint64_t log_stacked_height) {
  if (log_stacked_height < 11 || log_stacked_height > 24) {
    throw Error(FailureKind::kInput, "[params] app parameters need a log stacked height from 11 to 24, not " +
                                         std::to_string(log_stacked_height));
  }
  return make_preset({4, log_stacked_height - 4, 2048, 1, 3, 5, 15, 20, kUnique});
}

SystemParams SystemParams::leaf() { return make_preset({4, 17, 2048, 2, 4, 4, 13, 20, kUnique}); }
SystemParams SystemParams::internal() {
  return make_preset({2, 17, 512, 3, 4, 18, 20, 20, list_decoding(2)});
}
SystemParams SystemParams::root() { return make_preset({2, 18, 18, 4, 4, 15, 15, 15, list_decoding(1)}); }
SystemParams SystemParams::hook() { return make_preset({2, 18, 80, 2, 4, 12, 11, 20, list_decoding(1)}); }

SystemParams SystemParams::test_small(uint64_t l_skip, uint64_t n_stack, uint64_t k) {
  require(at_least("whir.k", k, 1));
  require(code_too_large(l_skip, n_stack, 1));
  const uint64_t m = l_skip + n_stack;
  SystemParams params;
  params.l_skip = l_skip;
  params.n_stack = n_stack;
  params.w_stack = 4096;
  params.log_blowup = 1;
  params.max_constraint_degree = 3;
  params.whir = derive_whir({1, m, k, m % k, 3, 1, 2, {Proximity::Kind::kSplitUniqueList, 3, 1}, 5});
  params.logup = {uint32_t{1} << 30, 7, 2};
  return params;
}

}  // namespace openswirl
