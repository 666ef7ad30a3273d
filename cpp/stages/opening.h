// The WHIR opening stage in coefficient and moment form (protocol part 06, 7 and 10.2).
#pragma once

#include <array>
#include <span>
#include <vector>

#include "protocol/proof.h"
#include "stages/inputs.h"
#include "stages/moments.h"

namespace openswirl::stages {

// What the queries of one round open, as backend::QueryOpenings.
struct OpenedQueries {
  std::vector<OpenedRows<Fp>> initial_rows;
  std::vector<MerklePaths> initial_paths;
  OpenedRows<Ext> codeword_values;
  MerklePaths codeword_paths;
};

// The methods are those of the Opening worker, in its order of calls. `inputs` must outlive the stage.
class OpeningStage {
 public:
  // u: 1 + n_stack coordinates.
  OpeningStage(const StageInputs& inputs, std::span<const Ext> u, const Ext& mu);

  std::array<Ext, 2> next(const Ext* challenge);
  Digest commit_folded(const Ext& challenge);
  Ext evaluate(const Ext& z0) const;
  OpenedQueries open(std::span<const uint32_t> indices) const;
  void update(const Ext& z0, std::span<const uint32_t> indices, const Ext& gamma);
  std::vector<Ext> tail(const Ext& challenge);

  // Peak bytes of the stage.
  static uint64_t bytes(const ProofShape& shape, unsigned threads);

 private:
  struct Codeword {
    PlaneTable values;
    DigestTree tree;
  };

  PlaneTable batch_columns(const Ext& mu) const;
  PlaneTable start_moments(std::span<const Ext> u) const;
  // log2 of the domain of the codeword that this round queries.
  uint32_t log_domain() const;

  const StageInputs& inputs_;
  uint32_t round_ = 0;
  MomentTables tables_;
  Codeword codeword_, next_codeword_;  // the one this round queries (from round 1), the one it commits
};

}  // namespace openswirl::stages
