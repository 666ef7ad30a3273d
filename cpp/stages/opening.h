// The WHIR opening stage in coefficient and moment form (protocol part 06, 7 and 10.2).
#pragma once

#include <array>
#include <span>
#include <vector>

#include "protocol/proof.h"
#include "stages/inputs.h"

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
  // Extension elements as four planes: coefficient k of entry i at data[k * size + i].
  struct Table {
    Buffer<Fp> data;
    size_t size = 0;
    Ext at(size_t i) const { return {data[i], data[size + i], data[2 * size + i], data[3 * size + i]}; }
  };
  struct Codeword {
    Table values;
    DigestTree tree;
  };

  Table table(size_t size, const char* what, bool zeroed = false) const;
  void batch_columns(const Ext& mu);
  void start_moments(std::span<const Ext> u);
  void bind(const Ext& alpha);
  // log2 of the domain of the codeword that this round queries.
  uint32_t log_domain() const;

  const StageInputs& inputs_;
  uint32_t round_ = 0;
  Table coefficients_, moments_;
  Codeword codeword_, next_codeword_;  // the one this round queries (from round 1), the one it commits
};

}  // namespace openswirl::stages
