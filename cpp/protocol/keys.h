// Verifying and proving keys: data only (protocol part 02, 4.6 and 5).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hash/poseidon2.h"
#include "poly/stacked_layout.h"
#include "protocol/boxed.h"
#include "protocol/dag.h"
#include "protocol/params.h"

namespace openswirl {

struct PreprocessedVk {
  Digest commit;
  int64_t hypercube_dim = 0;    // log2 height - l_skip, can be negative
  uint64_t stacking_width = 0;  // hashed with the key; no verifier check uses it
  bool operator==(const PreprocessedVk&) const = default;
};

// The most columns of all parts, and the most public values, of one AIR. No key has more: it would list every
// column that no constraint reads.
inline constexpr uint64_t kMaxAirColumns = uint64_t{1} << 22;

// The most AIRs of one key. Production keys have a hundred; the limit bounds what the fixed part of every AIR
// takes in memory.
inline constexpr uint64_t kMaxAirs = 2048;

struct TraceWidth {
  std::optional<uint32_t> preprocessed;
  std::vector<uint32_t> cached_mains;
  uint32_t common_main = 0;
  bool operator==(const TraceWidth&) const = default;

  uint64_t total() const {
    uint64_t sum = uint64_t{preprocessed.value_or(0)} + common_main;
    for (const uint32_t width : cached_mains) sum += width;
    return sum;
  }
};

struct AirVk {
  Boxed<PreprocessedVk> preprocessed;
  TraceWidth width;
  uint32_t num_public_values = 0;
  bool need_rot = false;
  bool is_required = false;
  uint8_t max_constraint_degree = 0;
  ConstraintDag constraints;
  std::vector<Variable> unused_variables;
  bool operator==(const AirVk&) const = default;

  // Parts in opening order: common main, preprocessed if any, cached mains (part 02, 1.2).
  size_t num_parts() const { return 1 + (width.preprocessed ? 1 : 0) + width.cached_mains.size(); }
  uint64_t part_width(size_t opening_part) const {
    if (opening_part == 0) return width.common_main;
    if (width.preprocessed) {
      if (opening_part == 1) return *width.preprocessed;
      return width.cached_mains[opening_part - 2];
    }
    return width.cached_mains[opening_part - 1];
  }
  // Opening part of the DAG's main part_index (cached first, common last).
  size_t opening_part_of_main(size_t part_index) const {
    return part_index == width.cached_mains.size() ? 0 : 1 + (width.preprocessed ? 1 : 0) + part_index;
  }
};

// sum over present AIRs of coefficient * 2^max(log height, l_skip) must stay below the threshold.
struct HeightConstraint {
  std::vector<uint32_t> coefficients;  // one per AIR id
  uint32_t threshold = 0;
  bool operator==(const HeightConstraint&) const = default;
};

struct VerifyingKey {
  SystemParams params;
  std::vector<AirVk> airs;
  std::vector<HeightConstraint> height_constraints;
  Digest pre_hash;
  bool operator==(const VerifyingKey&) const = default;
};

// A commitment with everything an opening needs, on the host: what a key stores of a preprocessed trace.
struct HostCommitment {
  StackedLayout layout;
  std::vector<Fp> stacked;  // column-major, height 2^m: the stacked evaluations
  uint64_t stacked_height = 0, stacked_width = 0;
  std::vector<Fp> codeword;  // column-major, height 2^(m + log_blowup)
  uint64_t codeword_height = 0;
  std::vector<std::vector<Digest>> digest_layers;  // query digests first, the root last
  uint64_t rows_per_query = 0;                     // 2^k

  const Digest& root() const { return digest_layers.back().front(); }
};

struct AirPk {
  std::string name;
  std::shared_ptr<const HostCommitment> preprocessed;  // null without a preprocessed trace
  // The code that recorded constraint_idx[k] and interaction i, as "file:line"; empty for keys read from
  // bytes.
  CompactList<std::string> constraint_sources = {}, interaction_sources = {};
};

struct ProvingKey {
  VerifyingKey vk;
  std::vector<AirPk> airs;  // one per AIR id
};

}  // namespace openswirl
