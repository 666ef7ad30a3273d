// LogUp-GKR on the device (protocol part 04, 4; the methods are those of FractionTree in the backend
// interface). Small layers, and the last rounds of large ones, run on the host with the code of cpp/stages.
#pragma once

#include <optional>

#include "gpu/eq_suffixes.h"
#include "stages/fraction_tree.h"

namespace openswirl::gpu {

// Tables of at most this many nodes are the host's: it is done with them before a device answers.
inline constexpr uint64_t kHostFractions = uint64_t{1} << 12;

// The stored prefix of 2^log_size fractions on the device; all others are (0, padding).
struct DeviceFractions {
  uint32_t log_size = 0;
  uint64_t stored = 0;
  Ext padding;
  uint32_t p_words = 4;  // of a numerator: 1 in the base field
  Range p, q;            // exactly the stored ones

  uint64_t size() const { return uint64_t{1} << log_size; }
};

class FractionTreeStage {
 public:
  // Leaves with the memory that they lie in, at least two. Tables of up to host_nodes nodes go to the host;
  // the device can do all but layer 1 and the last four nodes of a layer. The work outlives the stage.
  FractionTreeStage(Work& work, const DeviceFractions& leaves, std::vector<Array> memory,
                    uint64_t host_nodes = kHostFractions);

  stages::FractionTreeStage::Root root() const { return host_->root(); }
  LayerClaims first_layer() { return claims_ = host_->first_layer(); }
  // Starts the next layer's sumcheck; mu closed the layer before.
  void enter(const Ext& lambda, const Ext& mu);
  // Binds the challenge (null in a layer's first round); s(1), s(2), s(3).
  std::array<Ext, 3> next(const Ext* challenge);
  LayerClaims leave(const Ext& challenge);

 private:
  // A layer, or more that share an allocation.
  struct Layer {
    DeviceFractions nodes;
    std::shared_ptr<const std::vector<Array>> memory;
  };
  void add_up(uint32_t lowest_on_host);
  void record_round(const Ext* challenge, const Range& sums);
  bool on_host(uint64_t nodes) const { return nodes <= host_nodes_; }
  stages::FractionTable download(const DeviceFractions& nodes);

  Work& work_;
  const uint64_t host_nodes_;
  uint32_t layer_ = 1;         // the layer whose claims are known
  std::vector<Layer> layers_;  // on the device, from the leaves up
  LayerClaims claims_;
  std::vector<Ext> bound_;                         // challenges of the layer before
  std::optional<stages::FractionTreeStage> host_;  // the upper layers
  uint32_t host_layers_ = 0;

  // The layer being proven on the device.
  std::optional<stages::LayerRounds> rounds_;
  Layer table_;
  EqSuffixes eq_;
  std::optional<stages::LayerSumcheck> tail_;
};

}  // namespace openswirl::gpu
