// The WHIR opening on the device, in coefficient and moment form (protocol part 06, 7 and 10.2): the contract
// of stages::OpeningStage. Codewords and trees stay on the device; the sumcheck's tables go to the host once
// they are small.
#pragma once

#include <optional>

#include "gpu/stage_inputs.h"
#include "stages/moments.h"
#include "stages/opening.h"

namespace openswirl::gpu {

// Sumcheck tables of at most this many entries are the host's: it is done with them before a device answers.
inline constexpr uint64_t kHostMoments = uint64_t{1} << 13;

class OpeningStage {
 public:
  // u: 1 + n_stack coordinates. l_skip is at most kMaxBlockLog. host_entries = 0 leaves every round to the
  // device.
  OpeningStage(Work& work, const DeviceInputs& inputs, std::span<const Ext> u, const Ext& mu,
               uint64_t host_entries = kHostMoments);

  std::array<Ext, 2> next(const Ext* challenge);
  Digest commit_folded(const Ext& challenge);
  Ext evaluate(const Ext& z0);
  stages::OpenedQueries open(std::span<const uint32_t> indices);
  void update(const Ext& z0, std::span<const uint32_t> indices, const Ext& gamma);
  std::vector<Ext> tail(const Ext& challenge);

 private:
  // Four planes of max(size, 4) entries; coefficients are zero beyond the size.
  struct Table {
    Array words;
    uint64_t size = 0;
    uint64_t pitch() const { return words.words() / 4; }
    uint32_t quads() const { return static_cast<uint32_t>(pitch() / 4); }
  };
  struct Codeword {
    Array values;  // four planes
    DeviceTree tree;
  };

  Table table(uint64_t size, const char* what);
  // Two elements a group.
  Array partials(uint64_t groups);
  void batch_columns(const Ext& mu);
  void start_moments(std::span<const Ext> u);
  // Records the binding of both tables and the sums that follow.
  void bind(const Ext& alpha);
  std::array<Ext, 2> read_sums();
  // The tables on the host, once the next wait is over.
  stages::PlaneTable download(const Table& table, const char* what);
  uint32_t log_domain() const;
  // Whether the tables are the host's, which is then noted in the span that is open.
  bool on_host() const;
  // Recorded: rows of the columns at these addresses, and paths in these trees, for open().
  void record_rows(std::span<const uint64_t> columns, std::span<const Use> uses, const Array& indices,
                   uint64_t queries, const Array& rows);
  void record_paths(std::span<const uint64_t> trees, std::span<const Use> uses, const Array& indices,
                    uint64_t queries, uint32_t depth, const Array& digests);

  Work& work_;
  const DeviceInputs& inputs_;
  const uint64_t host_entries_;
  uint32_t round_ = 0;
  Table coefficients_, moments_;  // on the device ...
  Array sums_;                    // ... with the partial sums of their next round
  std::optional<stages::MomentTables> host_;
  Codeword codeword_, next_codeword_;  // the one this round queries (from round 1), the one it commits
};

}  // namespace openswirl::gpu
