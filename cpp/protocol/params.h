// System parameters, their validity, derivation and presets (protocol part 02, 6).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace openswirl {

// How far words are assumed to decode; only documents the soundness analysis, but is hashed into the key.
struct Proximity {
  enum class Kind : uint8_t { kUniqueDecoding = 0, kSplitUniqueList = 1, kListDecoding = 2 };
  Kind kind = Kind::kUniqueDecoding;
  uint64_t m = 0;                 // list multiplicity; kSplitUniqueList and kListDecoding
  uint64_t list_start_round = 0;  // kSplitUniqueList

  bool operator==(const Proximity&) const = default;
  // The list multiplicity of WHIR round `round`, or nothing where it decodes uniquely.
  std::optional<uint64_t> list_multiplicity(uint64_t round) const;
};

struct WhirParams {
  uint64_t k = 0;                     // variables folded per round
  std::vector<uint64_t> num_queries;  // one entry per round
  uint64_t mu_pow_bits = 0;
  uint64_t query_phase_pow_bits = 0;
  uint64_t folding_pow_bits = 0;
  Proximity proximity;
  bool operator==(const WhirParams&) const = default;
};

struct LogupParams {
  uint32_t max_interaction_count = 0;
  uint32_t log_max_message_length = 0;
  uint64_t pow_bits = 0;
  bool operator==(const LogupParams&) const = default;
};

struct SystemParams {
  uint64_t l_skip = 0;
  uint64_t n_stack = 0;
  uint64_t w_stack = 0;  // limit on the stacked columns of one proof
  uint64_t log_blowup = 0;
  WhirParams whir;
  LogupParams logup;
  uint64_t max_constraint_degree = 0;
  bool operator==(const SystemParams&) const = default;

  uint64_t log_stacked_height() const { return l_skip + n_stack; }
  uint64_t num_whir_rounds() const { return whir.num_queries.size(); }
  // log2 of the final polynomial's length; valid parameters only.
  uint64_t log_final_poly_len() const { return log_stacked_height() - num_whir_rounds() * whir.k; }

  // Empty for usable parameters, else the sentence that says which bound of part 02, 6.2 is broken.
  std::string invalid_reason() const;

  // The production presets of part 02, 6.5, all 100 bits. app needs 11 <= log_stacked_height <= 24.
  static SystemParams app(uint64_t log_stacked_height);
  static SystemParams leaf();
  static SystemParams internal();
  static SystemParams root();
  static SystemParams hook();
  // The small parameters of tests (part 02, 6.6), about 5 bits.
  static SystemParams test_small(uint64_t l_skip, uint64_t n_stack, uint64_t k);
};

struct WhirRequest {
  uint64_t log_blowup, log_stacked_height, k, log_final_poly_len;
  uint64_t mu_pow_bits, query_phase_pow_bits, folding_pow_bits;
  Proximity proximity;
  uint64_t security_bits;
};
// Rounds and query counts from a target (part 02, 6.3).
WhirParams derive_whir(const WhirRequest& request);

// LogUp parameters of the production presets from the first round's regime (part 02, 6.4).
LogupParams derive_production_logup(const Proximity& proximity, uint64_t log_blowup);

// The largest agreement with the code that a word far from it can have, for a code of rate 2^-log_inv_rate
// decoded uniquely (no multiplicity) or to a list; in (0, 1] (part 02, 6.3).
double max_agreement(std::optional<uint64_t> list_multiplicity, uint64_t log_inv_rate);
// log2 of the size of that list; 0 where the code decodes uniquely (part 02, 7.2).
double log2_list_size(std::optional<uint64_t> list_multiplicity, uint64_t log_inv_rate);

}  // namespace openswirl
